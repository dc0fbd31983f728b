/// A Markdown table whose columns line up, so that it reads well in a terminal too.
struct ResultsTable {
  let header: [String]
  private(set) var rows: [[String]] = []

  init(_ header: [String]) { self.header = header }

  mutating func add(_ row: [String]) { rows.append(row) }

  /// The first column is text and goes left, the others are numbers and go right.
  var text: String {
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths).enumerated().map { column, pair in
        let space = String(repeating: " ", count: pair.1 - pair.0.count)
        return column == 0 ? pair.0 + space : space + pair.0
      }
      return "| \(padded.joined(separator: " | ")) |\n"
    }
    let rule = widths.enumerated().map { column, width in
      String(repeating: "-", count: column == 0 ? width + 2 : width + 1) + (column == 0 ? "" : ":")
    }
    return line(header) + "|\(rule.joined(separator: "|"))|\n" + rows.map(line).joined()
  }
}
