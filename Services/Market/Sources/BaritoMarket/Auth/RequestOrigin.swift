/// Whether a form comes from a page of ours, for forms that are sent before anybody is signed in: those have no session
/// whose token they could carry. Pure.
public enum RequestOrigin {
  /// - Parameters:
  ///   - secFetchSite: the header `Sec-Fetch-Site`, which pages cannot set.
  ///   - origin: the header `Origin`, for browsers that do not send the other.
  ///   - publicURL: where people reach Market.
  /// - Returns: false when a browser says that another site sent it. A client that says nothing is no browser.
  public static func isOurs(secFetchSite: String?, origin: String?, publicURL: String) -> Bool {
    if let secFetchSite { return secFetchSite == "same-origin" || secFetchSite == "none" }
    guard let origin else { return true }
    return origin.lowercased() == publicURL.lowercased()
  }
}
