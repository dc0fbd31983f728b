/// A value of a component's bootstrap attributes: JSON whose shape the cookbooks know.
indirect enum AttributeValue: Codable, Sendable, Equatable {
  case text(String)
  case number(Int)
  case flag(Bool)
  case list([AttributeValue])
  case object([String: AttributeValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Int.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([AttributeValue].self) {
      self = .list(list)
    } else {
      self = .object(try container.decode([String: AttributeValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .flag(let flag): try container.encode(flag)
    case .list(let list): try container.encode(list)
    case .object(let object): try container.encode(object)
    }
  }
}

extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  init(stringLiteral value: String) { self = .text(value) }
  init(integerLiteral value: Int) { self = .number(value) }
  init(arrayLiteral elements: AttributeValue...) { self = .list(elements) }
  init(dictionaryLiteral elements: (String, AttributeValue)...) {
    self = .object(Dictionary(elements) { _, last in last })
  }
}
