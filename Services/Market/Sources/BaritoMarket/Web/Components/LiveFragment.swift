import HTML

/// A part of a page that the server sends anew while the page is open, as one server-sent event. The page holds an
/// element `data-live="<name>"`, whose content the event's markup replaces; so numbers are written in one place only.
struct LiveFragment: Sendable, Hashable {
  /// The event's type.
  var name: String
  var html: HTML

  /// The part as it stands in the page at first. Say `polite` where a change is news to those who listen.
  func placed(announced: Bool = false) -> HTML {
    "<div data-live=\"\(name)\"\(" aria-live=\"polite\"", if: announced)>\(html)</div>"
  }

  /// The event as it goes over the wire; each line of the markup is a `data` line.
  var serverSentEvent: String {
    // CR ends a line of an event stream as LF does, and Swift sees CR LF as one character.
    let lines = html.markup.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
    return "event: \(name)\n" + lines.map { "data: \($0)\n" }.joined() + "\n"
  }
}
