/// What the Router's reasons for refusing lines mean, and what to do about each.
enum RefusalRemedy {
  /// - Parameter code: of the problem document that the sender was answered.
  static func words(for code: String) -> String {
    switch code {
    case "limit":
      "The app or its group sends more than its limit. Raise the limit, or log less; senders that try again on 429 lose nothing."
    case "malformed", "invalid_batch":
      "A body was no JSON, or not in the form of a batch. The answer names the byte: look into the sender's log."
    case "no_secret", "unknown_secret":
      "A sender brought no secret, or one that was revoked. Put a valid one into its configuration."
    case "app_inactive": "The app is switched off. Ask an admin of the group to switch it on."
    case "group_inactive": "The group is switched off. Ask an owner of the group to switch it on."
    case "group_not_ready": "The group was still being provisioned. Senders that try again on 503 lose nothing."
    case "body_too_large", "too_many_items":
      "A batch was larger than one may be. Set the sender to smaller chunks, for example 1 MB."
    case "line_too_large": "A single line was larger than one may be. Cut it at the sender, or log less in one line."
    case "unsupported_encoding": "A body was compressed in a way that is not known here. Use gzip, deflate or zstd."
    case "too_many_apps", "invalid_app_name":
      "A sender with the group's secret named an app that cannot be made. Correct its name, or ask for more apps."
    case "kafka_unavailable", "market_unavailable":
      "A part of the platform did not answer. Senders that try again on 503 lose nothing; if it lasts, tell the platform team."
    default: "The answer to the sender says what happened and how to mend it: look into its log."
    }
  }
}
