import HTML
import Testing

@Suite struct HTMLTests {
  @Test("text between tags cannot open a tag")
  func textIsEscaped() {
    let name = "<script>alert('1')</script> & more"
    let html: HTML = "<p>\(name)</p>"
    #expect(html.markup == "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; more</p>")
  }

  @Test("text in an attribute cannot end the attribute", arguments: [#"" onload="x"#, "' onload='x"])
  func attributeIsEscaped(text: String) {
    let html: HTML = "<p title=\"\(text)\" lang='\(text)'></p>"
    #expect(html.markup.filter { $0 == "\"" }.count == 2)
    #expect(html.markup.filter { $0 == "'" }.count == 2)
  }

  @Test("text is escaped once, also when it looks escaped already")
  func escapedText() {
    let text = "&lt;"
    #expect(("\(text)" as HTML).markup == "&amp;lt;")
  }

  @Test("a grapheme that begins with a markup character is escaped too")
  func combiningCharacter() {
    let text = "<\u{301}b>\u{20D2}"
    let markup = ("\(text)" as HTML).markup
    #expect(!markup.unicodeScalars.contains("<") && !markup.unicodeScalars.contains(">"))
    #expect(markup.unicodeScalars.contains("\u{301}"))
  }

  @Test("NUL becomes the replacement character")
  func nul() {
    #expect(("\("a\0b" as String)" as HTML).markup == "a\u{FFFD}b")
  }

  @Test("text that is not ASCII passes as it is")
  func unicode() {
    let text = "naïve 木 🪵"
    #expect(("\(text)" as HTML).markup == text)
  }

  @Test("markup inside markup is not escaped again")
  func nested() {
    let name = "a&b"
    let inner: HTML = "<b>\(name)</b>"
    #expect(("<p>\(inner)</p>" as HTML).markup == "<p><b>a&amp;b</b></p>")
  }

  @Test("lists are joined, and each text in them is escaped")
  func lists() {
    let names = ["a", "<", "c"]
    let html: HTML = "<ul>\(names.map { "<li>\($0)</li>" as HTML })</ul>"
    #expect(html.markup == "<ul><li>a</li><li>&lt;</li><li>c</li></ul>")
    #expect(HTML(names.map { "\($0)" as HTML }, separator: "<br>").markup == "a<br>&lt;<br>c")
    #expect(HTML([HTML]()).isEmpty)
  }

  @Test("optional and conditional markup is there or not")
  func optional() {
    let none: HTML? = nil
    let some: HTML? = "<i></i>"
    #expect(("\(none)\(some)" as HTML).markup == "<i></i>")
    #expect(("<input\(" checked", if: true)\(" disabled", if: false)>" as HTML).markup == "<input checked>")
  }

  @Test("numbers are written in digits")
  func numbers() {
    #expect(("\(42)\(Int64.min)" as HTML).markup == "42-9223372036854775808")
  }

  @Test("pieces are added in order")
  func addition() {
    #expect(("<a>" + "</a>" as HTML).markup == "<a></a>")
  }

  @Test("only markup that is called trusted passes as it is")
  func trusted() {
    #expect(HTML(trustedMarkup: "<svg>").markup == "<svg>")
  }
}

@Suite struct HTMLURLTests {
  @Test(
    "a URL that runs code or leads elsewhere than it seems is not linked",
    arguments: [
      "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
      "\u{1}javascript:alert(1)", "data:text/html,<script>", "vbscript:x", "file:///etc/passwd", "//other.example/",
      "/\\other.example", "\\\\other.example",
    ])
  func refused(url: String) {
    #expect(!HTML.isHarmlessURL(url))
    for html in ["<a href=\"\(url)\">" as HTML, "<form action=\"\(url)\">", "<button formaction=\"\(url)\">"] {
      #expect(html.markup.contains("\"about:invalid\""))
      #expect(!html.markup.lowercased().contains("script:"))
    }
  }

  @Test(
    "ordinary URLs are linked as they are",
    arguments: [
      "/", "/apps/1?next=a:b", "?page=2", "#top", "apps/1", "https://kibana.example:5601/app#/x:y",
      "http://localhost:8080/", "mailto:team@example.com", "",
    ])
  func allowed(url: String) {
    #expect(("<a href=\"\(url)\">" as HTML).markup == "<a href=\"\(url)\">")
  }

  @Test("the quotes of a URL are escaped as in any attribute")
  func escaped() {
    let url = "/?q=\"&a=1"
    #expect(("<a href=\"\(url)\">" as HTML).markup == "<a href=\"/?q=&quot;&amp;a=1\">")
  }

  @Test("text later in a URL is only escaped: the beginning has decided where it leads")
  func continued() {
    let id = "javascript:x"
    #expect(("<a href=\"/apps/\(id)\">" as HTML).markup == "<a href=\"/apps/javascript:x\">")
  }

  @Test("elsewhere a text with a colon is just text")
  func text() {
    let text = "javascript: the language"
    #expect(("<p title=\"\(text)\">" as HTML).markup == "<p title=\"javascript: the language\">")
  }
}
