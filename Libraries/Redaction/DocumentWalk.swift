import BaritoCore

/// Finds in one pass over a document what rules may have to do with: values that paths name, and the string values
/// outside of them. Keeps its memory from document to document; never recurses.
struct DocumentWalk {
  /// A place in a path that values further in go on from.
  private struct State {
    var rule: UInt8
    var step: UInt8
  }

  private struct Container {
    var isObject: Bool
    /// Where its states begin; those before are of what holds it.
    var states: Int
  }

  /// Values that are taken out whole, with the rule that does.
  private(set) var wholes: [(element: JSONElement, rule: Int)] = []
  private(set) var texts: [JSONStringText] = []
  private var states: [State] = []
  private var containers: [Container] = []
  private var scanner = JSONScanner()

  /// - Parameters:
  ///   - paths: by rule.
  ///   - wantsTexts: whether string values are asked for.
  /// - Throws: unless it is one JSON value, of which nothing was left out then.
  mutating func walk(
    _ document: Span<UInt8>, paths: [(rule: Int, path: RedactionPath)], wantsTexts: Bool
  ) throws(JSONError) {
    wholes.removeAll(keepingCapacity: true)
    texts.removeAll(keepingCapacity: true)
    states.removeAll(keepingCapacity: true)
    containers.removeAll(keepingCapacity: true)
    scanner = JSONScanner()
    for (place, _) in paths.enumerated() { states.append(State(rule: UInt8(place), step: 0)) }
    try value(in: document, states: 0, wantsTexts)
    while let container = containers.last {
      let start = states.count
      var hit: Int?
      if container.isObject {
        guard let key = try scanner.nextKey(in: document) else {
          leave()
          continue
        }
        if start > container.states { hit = advance(container.states..<start, over: key, of: document, paths) }
      } else {
        guard try scanner.nextElement(in: document) else {
          leave()
          continue
        }
        if start > container.states {
          hit = advance(container.states..<start, paths) { $0 == .element }
        }
      }
      if let hit {
        states.removeLast(states.count - start)
        let element = try scanner.value(in: document)
        // There is nothing to hide.
        if element.kind != .null { wholes.append((element, paths[hit].rule)) }
      } else {
        try value(in: document, states: start, wantsTexts)
      }
    }
    try scanner.end(in: document)
  }

  /// Moves over a value, or into it.
  private mutating func value(
    in document: Span<UInt8>, states start: Int, _ wantsTexts: Bool
  ) throws(JSONError) {
    switch try scanner.peekKind(in: document) {
    case .object:
      try scanner.openObject(in: document)
      containers.append(Container(isObject: true, states: start))
    case .array:
      try scanner.openArray(in: document)
      containers.append(Container(isObject: false, states: start))
    case .string:
      let element = try scanner.value(in: document)
      if wantsTexts, let text = JSONStringText(element, in: document) { texts.append(text) }
      states.removeLast(states.count - start)
    case .number, .boolean, .null:
      _ = try scanner.value(in: document)
      states.removeLast(states.count - start)
    }
  }

  private mutating func leave() {
    guard let left = containers.popLast() else { return }
    states.removeLast(states.count - left.states)
  }

  /// Adds the states behind a key, each part of which between dots is a step.
  /// - Returns: the first path that ends there.
  private mutating func advance(
    _ range: Range<Int>, over key: JSONStringText, of document: Span<UInt8>,
    _ paths: [(rule: Int, path: RedactionPath)]
  ) -> Int? {
    var name: [UInt8] = []
    key.appendDecoded(in: document, to: &name)
    var from = range
    var hit: Int?
    for part in name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
      let start = states.count
      let found = advance(from, paths) { step in
        switch step {
        case .anyMember: true
        case .member(let wanted): wanted.elementsEqual(part)
        case .element: false
        }
      }
      if let found { hit = min(found, hit ?? found) }
      if from != range { states.removeSubrange(from) }
      from = (from == range ? start : from.lowerBound)..<states.count
      if from.isEmpty { break }
    }
    return hit
  }

  /// Adds the states behind a step.
  /// - Returns: the first path that ends there.
  private mutating func advance(
    _ range: Range<Int>, _ paths: [(rule: Int, path: RedactionPath)], _ isTaken: (RedactionPath.Step) -> Bool
  ) -> Int? {
    var hit: Int?
    for index in range {
      let state = states[index]
      let steps = paths[Int(state.rule)].path.steps
      guard isTaken(steps[Int(state.step)]) else { continue }
      if Int(state.step) + 1 == steps.count {
        hit = min(Int(state.rule), hit ?? .max)
      } else {
        states.append(State(rule: state.rule, step: state.step + 1))
      }
    }
    return hit
  }
}
