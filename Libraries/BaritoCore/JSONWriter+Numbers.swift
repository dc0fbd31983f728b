extension JSONWriter {
  /// Appends the digits of an integer.
  public static func append(integer value: UInt64, to output: inout [UInt8]) {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var first = 20
    var rest = value
    repeat {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
      first &-= 1
      digits[first] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: remainder)
      rest = quotient
    } while rest > 0
    for index in first..<20 { output.append(digits[index]) }
  }

  /// Appends the digits of an integer, with its sign.
  public static func append(integer value: Int64, to output: inout [UInt8]) {
    if value < 0 { output.append(UInt8(ascii: "-")) }
    append(integer: value.magnitude, to: &output)
  }

  /// Appends a number whose kind does not matter: a whole one within ±2^53, where a double is exact, as an integer,
  /// others as ``append(float:to:)-(Double,_)`` does.
  public static func append(number value: Double, to output: inout [UInt8]) {
    if value.magnitude <= 0x1p53 {
      let whole = Int64(value)
      if Double(whole) == value {
        if whole == 0, value.sign == .minus { output.append(UInt8(ascii: "-")) }
        append(integer: whole, to: &output)
        return
      }
    }
    append(float: value, to: &output)
  }

  /// Appends a number with as few digits as give the same double again, and a point or an exponent. What JSON has no
  /// number for is text, as in protobuf's JSON: "NaN", "Infinity", "-Infinity".
  public static func append(float value: Double, to output: inout [UInt8]) {
    if value.isFinite {
      output.append(contentsOf: value.description.utf8)
    } else {
      appendName(isNaN: value.isNaN, sign: value.sign, to: &output)
    }
  }

  /// Appends a number of single precision, with as few digits as give the same float again; else the same.
  public static func append(float value: Float, to output: inout [UInt8]) {
    if value.isFinite {
      output.append(contentsOf: value.description.utf8)
    } else {
      appendName(isNaN: value.isNaN, sign: value.sign, to: &output)
    }
  }

  private static func appendName(isNaN: Bool, sign: FloatingPointSign, to output: inout [UInt8]) {
    output.append(contentsOf: (isNaN ? "\"NaN\"" : sign == .minus ? "\"-Infinity\"" : "\"Infinity\"").utf8)
  }
}
