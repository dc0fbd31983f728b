/// Every path of Market, spelled once: pages link with it, routes are registered with it, tests walk it.
/// A function makes the path of one thing; its `…Pattern` is what the server matches, with the names of its
/// parameters in braces.
enum MarketRoutes {
  // Pages.
  static let myApps = "/"
  static let signIn = "/sign-in"
  static let signOut = "/sign-out"
  static let setupPattern = "/setup/{token}"
  static let passwordPattern = "/password/{token}"
  static let register = "/register"
  static let groupPattern = "/groups/{cluster_name}"
  static let groupEventsPattern = "/groups/{cluster_name}/events"
  static let groupLimitsPattern = "/groups/{cluster_name}/limits"
  static let groupRedactionPattern = "/groups/{cluster_name}/redaction"
  static let removeGroupRedactionPattern = "/groups/{cluster_name}/redaction/remove"
  static let retryGroupPattern = "/groups/{cluster_name}/retry"
  static let appPattern = "/apps/{id}"
  static let appEventsPattern = "/apps/{id}/events"
  static let appLimitsPattern = "/apps/{id}/limits"
  static let appRedactionPattern = "/apps/{id}/redaction"
  static let removeAppRedactionPattern = "/apps/{id}/redaction/remove"
  static let inheritRedactionPattern = "/apps/{id}/redaction/inherit"
  static let appSecretsPattern = "/apps/{id}/secrets"
  static let revokeSecretPattern = "/apps/{id}/secrets/{secret_id}/revoke"
  static let account = "/account"
  static let accountTokens = "/account/tokens"
  static let revokeTokenPattern = "/account/tokens/{id}/revoke"
  static let infrastructures = "/admin/infrastructures"
  static let assetPattern = "/assets/{file}"

  static func setup(token: String) -> String { "/setup/\(segment(token))" }
  static func password(token: String) -> String { "/password/\(segment(token))" }
  static func group(_ clusterName: String) -> String { "/groups/\(segment(clusterName))" }
  static func groupEvents(_ clusterName: String) -> String { "/groups/\(segment(clusterName))/events" }
  static func groupLimits(_ clusterName: String) -> String { "/groups/\(segment(clusterName))/limits" }
  static func groupRedaction(_ clusterName: String) -> String { "/groups/\(segment(clusterName))/redaction" }
  static func retryGroup(_ clusterName: String) -> String { "/groups/\(segment(clusterName))/retry" }
  static func app(_ id: String) -> String { "/apps/\(segment(id))" }
  static func appEvents(_ id: String) -> String { "/apps/\(segment(id))/events" }
  /// What an app in set-up state waits for, beside the rest.
  static func setUpEvents(_ id: String) -> String { "/apps/\(segment(id))/events?\(setUpQuery)=1" }
  static let setUpQuery = "first_line"
  static func appLimits(_ id: String) -> String { "/apps/\(segment(id))/limits" }
  static func appRedaction(_ id: String) -> String { "/apps/\(segment(id))/redaction" }
  static func appSecrets(_ id: String) -> String { "/apps/\(segment(id))/secrets" }
  static func revokeSecret(_ secretID: String, ofApp id: String) -> String {
    "/apps/\(segment(id))/secrets/\(segment(secretID))/revoke"
  }
  static func revokeToken(_ id: String) -> String { "/account/tokens/\(segment(id))/revoke" }
  static func asset(_ file: String) -> String { "/assets/\(segment(file))" }

  /// Registration with the group chosen already.
  static func register(inGroup clusterName: String) -> String { "\(register)?group=\(segment(clusterName))" }

  /// A page of my apps, filtered; the first page without a filter is `/`.
  static func myApps(filter: String, page: Int) -> String {
    let parameters = (filter.isEmpty ? [] : ["q=\(segment(filter))"]) + (page > 1 ? ["page=\(page)"] : [])
    return parameters.isEmpty ? myApps : "\(myApps)?\(parameters.joined(separator: "&"))"
  }

  // The API that scripts rely on.
  static let openAPI = "/openapi.json"
  static let apiGroups = "/api/v1/groups"
  static let apiGroupPattern = "/api/v1/groups/{cluster_name}"
  static let apiGroupAppsPattern = "/api/v1/groups/{cluster_name}/apps"
  static let apiAppPattern = "/api/v1/apps/{id}"
  static let apiAppSecretsPattern = "/api/v1/apps/{id}/secrets"
  static let apiAppSecretPattern = "/api/v1/apps/{id}/secrets/{secret_id}"

  static func apiGroup(_ clusterName: String) -> String { "/api/v1/groups/\(segment(clusterName))" }
  static func apiGroupApps(_ clusterName: String) -> String { "/api/v1/groups/\(segment(clusterName))/apps" }
  static func apiApp(_ id: String) -> String { "/api/v1/apps/\(segment(id))" }
  static func apiAppSecrets(_ id: String) -> String { "/api/v1/apps/\(segment(id))/secrets" }
  static func apiAppSecret(_ secretID: String, ofApp id: String) -> String {
    "/api/v1/apps/\(segment(id))/secrets/\(segment(secretID))"
  }

  // Between our own services.
  static let profiles = "/internal/v1/profiles"

  /// Text as one segment of a path or one value of a query: everything but RFC 3986's unreserved characters is
  /// percent-encoded, and a segment that is nothing but dots too, because browsers walk up on it.
  static func segment(_ text: String) -> String {
    let dots = text == "." || text == ".."
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: ".") where !dots:
        encoded += "."
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return encoded
  }
}
