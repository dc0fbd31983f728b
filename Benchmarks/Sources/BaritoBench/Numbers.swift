/// Whole numbers with commas: `1,234,567`.
func grouped(_ number: Double) -> String {
  let digits = Array(String(Int(number + 0.5)).utf8)
  var text = ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place).isMultiple(of: 3) { text += "," }
    text.unicodeScalars.append(Unicode.Scalar(digit))
  }
  return text
}

/// A number of at least 0 with so many digits behind the point.
func decimal(_ number: Double, digits: Int) -> String {
  let scale = (0..<digits).reduce(1) { product, _ in product * 10 }
  let scaled = Int(number * Double(scale) + 0.5)
  guard digits > 0 else { return "\(scaled)" }
  let rest = String(scaled % scale)
  return "\(scaled / scale)." + String(repeating: "0", count: digits - rest.utf8.count) + rest
}

/// Bytes in MiB.
func mebibytes(_ bytes: Double) -> String { "\(decimal(bytes / Double(1 << 20), digits: 0)) MiB" }

/// Seconds as the options of this program's own commands take them.
func milliseconds(_ seconds: Double) -> String { "\(Int(seconds * 1000))ms" }
