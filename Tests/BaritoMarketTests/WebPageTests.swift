import HTML
import Testing

@testable import BaritoMarket

/// What holds for every page in every state.
@Suite struct WebPageTests {
  @Test("markup is balanced, every attribute quoted, every id unique", arguments: MockPage.all)
  func wellFormed(mock: MockPage) {
    let (elements, problems) = WebElement.all(in: mock.markup)
    #expect(problems.isEmpty)
    #expect(WebElement.unbalanced(elements).isEmpty)
    let ids = elements.compactMap { $0.attributes["id"] }
    #expect(ids.count == Set(ids).count)
    #expect(!ids.contains(""))
  }

  @Test("nothing needs an inline script or style, or another origin", arguments: MockPage.all)
  func contentSecurityPolicy(mock: MockPage) {
    let (elements, _) = WebElement.all(in: mock.markup)
    for element in elements {
      #expect(element.name != "style" && element.name != "iframe" && element.name != "object")
      if element.name == "script", !element.isEnd { #expect(element.attributes["src"]?.hasPrefix("/assets/") == true) }
      for (key, value) in element.attributes {
        #expect(key != "style" && !key.hasPrefix("on"), "<\(element.name) \(key)>")
        if key == "src" || (key == "href" && element.name == "link") || key == "action" {
          #expect(value.hasPrefix("/"))
        }
        if key == "href" || key == "src" || key == "action" { #expect(value != "about:invalid") }
      }
    }
  }

  @Test("every form that changes something carries the CSRF token", arguments: MockPage.all)
  func csrf(mock: MockPage) {
    let (elements, _) = WebElement.all(in: mock.markup)
    for (index, element) in elements.enumerated() where element.attributes["method"] == "post" {
      let field = elements[(index + 1)...].prefix { !($0.name == "form" && $0.isEnd) }
        .first { $0.attributes["name"] == CSRFToken.fieldName }
      #expect(field?.attributes["value"] == "csrf-token")
      #expect(field?.attributes["type"] == "hidden")
    }
    for form in elements where form.name == "form" && !form.isEnd {
      #expect(form.attributes["method"] != "get" || form.attributes["action"] != nil)
    }
  }

  @Test("a page has one heading, its landmarks and a way past the bar", arguments: MockPage.all)
  func landmarks(mock: MockPage) {
    let (elements, _) = WebElement.all(in: mock.markup)
    func count(_ name: String) -> Int { elements.count { $0.name == name && !$0.isEnd } }
    #expect(count("h1") == 1)
    #expect(count("main") == 1)
    #expect(count("header") == 1)
    #expect(elements.first { $0.name == "a" }?.attributes["href"] == "#content")
    #expect(elements.first { $0.name == "html" }?.attributes["lang"] == "en")
    let navigations = elements.filter { $0.name == "nav" && !$0.isEnd }
    #expect(navigations.allSatisfy { $0.attributes["aria-label"]?.isEmpty == false })
    #expect(mock.context.viewer == nil ? navigations.isEmpty : !navigations.isEmpty)
  }

  @Test("every field has a label, every picture a text, every table named columns", arguments: MockPage.all)
  func labels(mock: MockPage) {
    let (elements, _) = WebElement.all(in: mock.markup)
    let labelled = Set(elements.compactMap { $0.name == "label" ? $0.attributes["for"] : nil })
    var labelDepth = 0
    for element in elements {
      if element.name == "label" { labelDepth += element.isEnd ? -1 : 1 }
      let attributes = element.attributes
      switch element.name {
      case "input" where attributes["type"] != "hidden":
        #expect(labelDepth > 0 || attributes["id"].map(labelled.contains) == true, "\(attributes)")
      case "img": #expect(attributes["alt"] != nil)
      case "svg" where !element.isEnd:
        #expect(attributes["aria-hidden"] == "true" || attributes["aria-label"]?.isEmpty == false)
      case "th" where !element.isEnd: #expect(attributes["scope"] != nil)
      case "fieldset" where !element.isEnd: #expect(mock.markup.contains("<legend"))
      default: break
      }
      for id in (attributes["aria-describedby"] ?? attributes["aria-labelledby"] ?? "").split(separator: " ") {
        #expect(elements.contains { $0.attributes["id"] == String(id) }, "nothing has the id \(id)")
      }
    }
  }

  @Test("links inside the page lead to something", arguments: MockPage.all)
  func fragments(mock: MockPage) {
    let (elements, _) = WebElement.all(in: mock.markup)
    let ids = Set(elements.compactMap { $0.attributes["id"] })
    for link in elements.compactMap({ $0.attributes["href"] }) where link.hasPrefix("#") {
      #expect(ids.contains(String(link.dropFirst())), "\(link)")
    }
  }

  @Test("a page stays below 100 KB", arguments: MockPage.all)
  func budget(mock: MockPage) {
    #expect(mock.markup.utf8.count < 100_000)
  }

  @Test("stylesheet, script and logo come with the program and together stay small")
  func assets() throws {
    #expect(Asset.all.allSatisfy { !$0.bytes.isEmpty })
    #expect(Asset.all.map(\.bytes.count).reduce(0, +) < 60_000)
    let script = try #require(Asset.named("barito.js"))
    #expect(script.path == "/assets/barito.js?v=\(script.version)")
    #expect(Asset.named("../Package.swift") == nil)
  }

  @Test("a stylesheet with other bytes has another version")
  func versions() {
    #expect(Set(Asset.all.map(\.version)).count == Asset.all.count)
  }
}

@Suite struct WebLayoutTests {
  @Test("who is not signed in sees no navigation, no search, no way to sign out")
  func signedOut() {
    let markup = SignInPage().html(in: .signedOut).markup
    #expect(
      !markup.contains(MarketRoutes.signOut) && !markup.contains("type=\"search\"") && !markup.contains("<dialog"))
  }

  @Test("only an administrator is led to the infrastructures")
  func administration() {
    var context = PageContext.mock
    #expect(MyAppsPage.few.html(in: context).markup.contains(MarketRoutes.infrastructures))
    context.viewer = .init(userName: "agus", isAdministrator: false)
    #expect(!MyAppsPage.few.html(in: context).markup.contains(MarketRoutes.infrastructures))
  }

  @Test("a flash message is announced and coloured by its meaning")
  func flash() {
    var context = PageContext.mock
    context.flash = .init(meaning: .bad, text: "<b>")
    let markup = MyAppsPage.few.html(in: context).markup
    #expect(markup.contains("class=\"notice\" data-meaning=\"bad\" role=\"status\""))
    #expect(markup.contains("<p>&lt;b&gt;</p>"))
  }

  @Test("the left column marks the page that one is on")
  func current() {
    let markup = AppPage.busy.html(in: .mock).markup
    #expect(markup.contains("<a href=\"/apps/1\" aria-current=\"page\">"))
    #expect(GroupPage.active.html(in: .mock).markup.contains("<a href=\"/groups/kapuas\" aria-current=\"page\">"))
  }
}
