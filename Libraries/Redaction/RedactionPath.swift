/// Where a value stands in a document, in a small plain syntax:
///
/// | | |
/// |---|---|
/// | `.name` | the member of that name |
/// | `.*` | every member |
/// | `[]` | every element of a list |
///
/// `.user.email`, `.items[].card`, `.headers.*`. A name is taken as it stands, in its case, up to the next dot or bracket.
/// A key that has dots itself stands for objects within each other, as it does in Elasticsearch: `.user.email` is the
/// value in `{"user.email":…}` too.
public struct RedactionPath: Sendable, Equatable {
  enum Step: Sendable, Equatable {
    case member([UInt8])
    case anyMember
    case element
  }

  /// Why a text is no path.
  public struct Fault: Error, Sendable, Equatable {
    public var detail: String
    /// The byte of the text at which it went wrong.
    public var offset: Int
  }

  static let maximumSteps = 125

  let steps: [Step]

  public init(_ text: String) throws(Fault) {
    let bytes = Array(text.utf8)
    var steps: [Step] = []
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "."):
        let name = bytes[(index + 1)...].prefix { !RedactionPath.isMark($0) }
        guard !name.isEmpty else {
          throw Fault(detail: "a name must follow the dot, or * for every member", offset: index + 1)
        }
        steps.append(name.elementsEqual("*".utf8) ? .anyMember : .member(Array(name)))
        index = name.endIndex
      case UInt8(ascii: "[") where !steps.isEmpty:
        guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "]") else {
          throw Fault(detail: "] must follow [: all elements of a list are meant", offset: index + 1)
        }
        steps.append(.element)
        index += 2
      default:
        let expected = steps.isEmpty ? "a path begins with a dot, such as .user.email" : "a dot or [] must follow"
        throw Fault(detail: expected, offset: index)
      }
    }
    guard !steps.isEmpty else { throw Fault(detail: "a path begins with a dot, such as .user.email", offset: 0) }
    guard steps.count <= RedactionPath.maximumSteps else {
      throw Fault(detail: "a path has \(RedactionPath.maximumSteps) steps at most", offset: bytes.count)
    }
    self.steps = steps
  }

  private static func isMark(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]")
  }
}
