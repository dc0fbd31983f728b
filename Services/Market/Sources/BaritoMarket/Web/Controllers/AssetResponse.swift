import HTTP

/// Serves the files that pages refer to. A page names them with their version, so a browser keeps them for ever.
enum AssetResponse {
  static func answer(to request: HTTPRequest) -> HTTPResponse {
    guard let asset = Asset.named(request.segments.last ?? "") else {
      return WebHeaders.secured(.problem(MarketError(.notFound, "There is no such file.")))
    }
    let tag = "\"\(asset.version)\""
    var headers: HTTPHeaders = ["Content-Type": asset.contentType, "ETag": tag]
    // An address without a version, or with that of another release, may hold something else tomorrow.
    headers["Cache-Control"] =
      request.query.first("v") == asset.version ? "public, max-age=31536000, immutable" : "no-cache"
    let isKnown = request.headers.all("If-None-Match").contains { $0.contains(tag) || $0 == "*" }
    return WebHeaders.secured(
      HTTPResponse(status: isKnown ? 304 : 200, headers: headers, body: .bytes(isKnown ? [] : asset.bytes)))
  }

  /// Browsers ask for it of their own accord where a page names no icon.
  static let favicon = WebHeaders.secured(.redirect(to: Asset.logo.path, status: 302))
}
