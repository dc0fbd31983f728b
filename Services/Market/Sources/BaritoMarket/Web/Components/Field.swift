import HTML

/// One field of a form: its label, what helps to fill it, what was typed, and what is wrong with it.
struct Field: Sendable {
  var name: String
  var label: String
  var value = ""
  /// Stands below the field, always.
  var hint: HTML = ""
  /// What is wrong, why, and how to mend it; nil while nothing is.
  var error: String?
  var type = "text"
  var isRequired = false
  /// What browsers and password managers fill in, see the attribute `autocomplete`.
  var autocomplete = "off"
  var inputMode: String?
  /// Written behind the field: `lines/s`.
  var unit: String?
  /// More attributes of the `input`.
  var attributes: HTML = ""

  var html: HTML {
    """
    <div class="field"\(" data-invalid", if: error != nil)><label for="\(name)">\(label)\
    \("<span class=\"quiet\"> optional</span>", if: !isRequired)</label>\(input)\
    \("<p class=\"hint\" id=\"\(name)-hint\">\(hint)</p>", if: !hint.isEmpty)\(Field.message(error, for: name))</div>
    """
  }

  /// The sentence below a field that says what is wrong with it.
  static func message(_ error: String?, for name: String) -> HTML {
    guard let error else { return "" }
    return "<p class=\"error\" id=\"\(name)-error\">\(UI.icon(.bad))\(error)</p>"
  }

  private var input: HTML {
    let control: HTML = """
      <input id="\(name)" name="\(name)" type="\(type)" value="\(type == "password" ? "" : value)" \
      autocomplete="\(autocomplete)"\(" required", if: isRequired)\(" aria-invalid=\"true\"", if: error != nil)\
      \(describedBy)\(inputMode.map { " inputmode=\"\($0)\"" as HTML })\(attributes)>
      """
    guard let unit else { return control }
    return "<span class=\"with-unit\">\(control)<span>\(unit)</span></span>"
  }

  private var describedBy: HTML {
    let ids = (hint.isEmpty ? [] : ["\(name)-hint"]) + (error == nil ? [] : ["\(name)-error"])
    return ids.isEmpty ? "" : " aria-describedby=\"\(ids.joined(separator: " "))\""
  }
}

/// What is wrong with a form: by field, in the order of the fields; the empty name is the form as a whole.
struct FormErrors: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  private(set) var entries: [(field: String, message: String)] = []

  var isEmpty: Bool { entries.isEmpty }

  init() {}

  init(dictionaryLiteral elements: (String, String)...) {
    entries = elements.map { (field: $0.0, message: $0.1) }
  }

  static func == (first: FormErrors, second: FormErrors) -> Bool {
    first.entries.elementsEqual(second.entries) { $0 == $1 }
  }

  /// The first message for a field.
  subscript(field: String) -> String? { entries.first { $0.field == field }?.message }

  /// Adds what is wrong with a field.
  mutating func add(_ message: String, to field: String) { entries.append((field, message)) }

  /// Stands above the form and leads to each field; screen readers are told at once.
  var summary: HTML {
    guard !isEmpty else { return "" }
    let items = entries.map { entry -> HTML in
      entry.field.isEmpty
        ? "<li>\(entry.message)</li>" : "<li><a href=\"#\(entry.field)\">\(entry.message)</a></li>"
    }
    return "<div class=\"notice\" data-meaning=\"bad\" role=\"alert\">\(UI.icon(.bad))<ul>\(items)</ul></div>"
  }
}
