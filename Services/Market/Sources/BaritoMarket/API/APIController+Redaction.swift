internal import BaritoCore
internal import HTTP
internal import Redaction

extension APIController {
  var redactionEndpoints: [APIEndpoint] {
    [
      APIEndpoint(
        method: "GET", path: "/api/v1/apps/{id}/redaction", summary: "Shows what is taken out of an app's lines.",
        status: 200, response: "Redaction"
      ) { call in
        try .json(RedactionView(try await services.redaction.find(AppID(try call.number("id")), call.principal)))
      },
      APIEndpoint(
        method: "PUT", path: "/api/v1/apps/{id}/redaction",
        summary: "Sets what is taken out of an app's lines, in place of what its group says; null: as the group says.",
        request: "RedactionChange", status: 200, response: "Redaction"
      ) { call in
        let rules = try call.body { $0.redactionRules("rules", isRequired: true) }
        return try .json(
          RedactionView(
            try await services.redaction.change(AppID(try call.number("id")), by: call.principal) { _ in rules }))
      },
      APIEndpoint(
        method: "POST", path: "/api/v1/apps/{id}/redaction/try",
        summary: "Tries rules on lines, without keeping either; without rules those that hold.",
        request: "RedactionSample", status: 200, response: "RedactionTrial"
      ) { call in
        let (rules, lines) = try call.body { ($0.redactionRules("rules"), $0.texts("lines")) }
        return try .json(
          RedactionTrialView(
            try await services.redaction.attempt(
              rules, on: lines, of: AppID(try call.number("id")), by: call.principal)))
      },
      APIEndpoint(
        method: "GET", path: "/api/v1/groups/{cluster_name}/redaction",
        summary: "Shows what is taken out of the lines of a group's apps.", status: 200, response: "Redaction"
      ) { call in
        try .json(RedactionView(try await services.redaction.find(call.cluster, call.principal)))
      },
      APIEndpoint(
        method: "PUT", path: "/api/v1/groups/{cluster_name}/redaction",
        summary: "Sets what is taken out of the lines of a group's apps that have no rules of their own.",
        request: "RedactionChange", status: 200, response: "Redaction"
      ) { call in
        let rules = try call.body { $0.redactionRules("rules", isRequired: true) } ?? []
        return try .json(
          RedactionView(try await services.redaction.change(call.cluster, by: call.principal) { _ in rules }))
      },
      APIEndpoint(
        method: "POST", path: "/api/v1/groups/{cluster_name}/redaction/try",
        summary: "Tries rules on lines, without keeping either; without rules those that hold.",
        request: "RedactionSample", status: 200, response: "RedactionTrial"
      ) { call in
        let (rules, lines) = try call.body { ($0.redactionRules("rules"), $0.texts("lines")) }
        return try .json(
          RedactionTrialView(
            try await services.redaction.attempt(rules, on: lines, of: call.cluster, by: call.principal)))
      },
    ]
  }
}

struct RedactionView: Encodable, Sendable {
  var rules: Nullable<[RedactionRule]>
  var effective: [RedactionRule]

  init(_ detail: RedactionRules.Detail) {
    rules = Nullable(detail.own)
    effective = detail.effective
  }
}

struct RedactionTrialView: Encodable, Sendable {
  struct Line: Encodable, Sendable {
    var before: String
    var after: String
    var json: Bool
  }

  struct Count: Encodable, Sendable {
    var rule: String
    var redacted: Int
    var struck: Int
  }

  var lines: [Line]
  var counts: [Count]
  var microseconds: UInt64

  init(_ trial: RedactionTrial) {
    lines = trial.lines.map { Line(before: $0.before, after: $0.after, json: $0.isJSON) }
    counts = trial.counts.map { Count(rule: $0.rule, redacted: $0.redacted, struck: $0.struck) }
    microseconds = trial.nanoseconds / 1_000
  }
}
