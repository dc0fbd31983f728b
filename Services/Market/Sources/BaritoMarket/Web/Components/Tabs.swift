import HTML

/// Panels of which one is shown. They are radio buttons to the browser, so they need no script and the arrow keys work.
struct Tabs: Sendable {
  struct Tab: Sendable {
    var title: String
    var content: HTML
  }

  /// Unique in the page.
  var name: String
  /// What is chosen here, for those who do not see it.
  var label: String
  /// At most twenty, as many as the stylesheet tells apart.
  var tabs: [Tab]

  var html: HTML {
    let numbered = tabs.enumerated()
    let buttons = numbered.map { index, tab -> HTML in
      """
      <input type="radio" name="\(name)" id="\(name)-\(index)"\(" checked", if: index == 0)>\
      <label for="\(name)-\(index)">\(tab.title)</label>
      """
    }
    let panels = numbered.map { index, tab -> HTML in
      "<section aria-label=\"\(tab.title)\">\(tab.content)</section>"
    }
    return """
      <fieldset class="tabs"><legend class="unseen">\(label)</legend>\(buttons)\
      <div class="panels">\(panels)</div></fieldset>
      """
  }
}
