internal import CMicroHTTPD

/// Status codes in words.
public enum HTTPStatus {
  /// The reason phrase of a status: `Not Found` for 404, `Unknown` for what nobody registered.
  public static func reason(_ status: Int) -> String {
    guard let status = UInt32(exactly: status) else { return "Unknown" }
    return String(cString: MHD_get_reason_phrase_for(status))
  }

  /// Whether an answer of this status carries a body.
  static func allowsBody(_ status: Int) -> Bool { status >= 200 && status != 204 && status != 304 }
}
