extension APISchema {
  /// Every schema by its name in the OpenAPI document.
  static let all: [String: APISchema] = [
    "Problem": problem,
    "Existing": APISchema([:], optional: ["id": .integer, "cluster_name": .string, "name": .string]),
    "FieldError": APISchema(["field": .string, "detail": .string]),
    "NewGroup": APISchema(["name": .string], optional: ["template": .string, "max_tps": .integer]),
    "Group": group, "GroupDetail": groupDetail,
    "GroupChange": APISchema(
      [:],
      optional: [
        "name": .string, "enabled": .boolean, "maximum_apps": .integer, "max_tps": .integer,
        "max_bytes_per_second": .orNull(.integer), "retention_days": .integer,
      ]),
    "Component": APISchema([
      "hostname": .string, "type": .string, "status": .string, "ip_address": .orNull(.string), "message": .string,
    ]),
    "Provisioning": APISchema([
      "request_id": .string, "kind": .words(["create", "delete"]), "status": .string, "component": .orNull(.string),
      "message": .string, "steps": .list(.reference("ProvisioningStep")),
    ]),
    "ProvisioningStep": APISchema([
      "status": .string, "component": .orNull(.string), "message": .string, "at": .moment,
    ]),
    "Secret": APISchema(["id": .integer, "created_at": .moment, "last_used_at": .orNull(.moment)]),
    "NewSecret": APISchema(["id": .integer, "value": .string]),
    "NewApp": APISchema(
      ["name": .string],
      optional: [
        "max_tps": .integer, "max_bytes_per_second": .integer, "retention_days": .integer, "overload": overload,
      ]),
    "App": app, "RegisteredApp": app.adding(["secret": .reference("NewSecret")]),
    "AppChange": APISchema(
      [:],
      optional: [
        "status": .words(["active", "inactive"]), "max_tps": .orNull(.integer),
        "max_bytes_per_second": .orNull(.integer), "retention_days": .orNull(.integer), "overload": overload,
      ]),
    "RedactionRule": APISchema(
      ["name": .string],
      optional: ["pattern": .string, "path": .string, "hint_start": .integer, "hint_end": .integer]),
    "Redaction": APISchema([
      "rules": .orNull(.list(.reference("RedactionRule"))), "effective": .list(.reference("RedactionRule")),
    ]),
    "RedactionChange": APISchema(["rules": .orNull(.list(.reference("RedactionRule")))]),
    "RedactionSample": APISchema(
      ["lines": .list(.string)], optional: ["rules": .orNull(.list(.reference("RedactionRule")))]),
    "RedactionTrial": APISchema([
      "lines": .list(.reference("RedactedLine")), "counts": .list(.reference("RedactionCount")),
      "microseconds": .integer,
    ]),
    "RedactedLine": APISchema(["before": .string, "after": .string, "json": .boolean]),
    "RedactionCount": APISchema(["rule": .string, "redacted": .integer, "struck": .integer]),
    "Member": APISchema(["user": .string, "role": role, "added_at": .moment]),
    "Membership": APISchema(["role": role]),
    "Me": APISchema(["user": .string, "administrator": .boolean, "scopes": .list(.string)]),
    "Token": APISchema([
      "id": .integer, "name": .string, "scopes": .list(.string), "created_at": .moment,
      "last_used_at": .orNull(.moment),
    ]),
    "NewToken": APISchema(["name": .string, "scopes": .list(.words(Scope.allCases.map(\.rawValue)))]),
    "Template": APISchema([
      "name": .string, "max_tps": .integer, "kafka_partitions": .integer, "kafka_replication_factor": .integer,
      "components": .list(.reference("TemplateComponent")),
    ]),
    "TemplateComponent": APISchema([
      "type": .string, "count": .integer, "cpu_limit": .string, "memory_limit": .string,
    ]),
    "Infrastructure": APISchema([
      "cluster_name": .string, "group": .string, "kind": .words(["create", "delete"]), "status": .string,
      "component": .orNull(.string), "message": .string, "requested_at": .moment,
    ]),
    "AuditEntry": APISchema([
      "id": .integer, "at": .moment, "actor": .string, "action": .string, "subject": .string, "detail": .string,
    ]),
    "User": user, "InvitedUser": user.adding(["password_link": .string]),
    "NewUser": APISchema(["name": .string], optional: ["administrator": .boolean]),
    "UserChange": APISchema(["deactivated": .boolean]),
  ]

  private static let overload = Kind.words(["refuse", "refuse_503", "absorb"])
  private static let role = Kind.words(Role.allCases.map(\.rawValue))

  private static let problem = APISchema(
    [
      "type": .string, "title": .string, "status": .integer, "detail": .string,
      "code": .words(MarketError.Code.allCases.map(\.rawValue)),
    ], optional: ["errors": .list(.reference("FieldError")), "existing": .reference("Existing")])

  private static let group = APISchema([
    "cluster_name": .string, "name": .string, "template": .string, "status": .string, "role": .orNull(role),
    "max_tps": .orNull(.integer), "max_bytes_per_second": .orNull(.integer), "maximum_apps": .integer,
    "retention_days": .integer, "created_at": .moment,
  ])

  private static let groupDetail = group.adding([
    "components": .list(.reference("Component")), "provisioning": .orNull(.reference("Provisioning")),
    "secrets": .list(.reference("Secret")), "kibana_url": .orNull(.string),
  ])

  private static let app = APISchema([
    "id": .integer, "cluster_name": .string, "name": .string, "topic": .string, "index_prefix": .string,
    "produce_url": .string, "status": .words(["active", "inactive"]), "max_tps": .orNull(.integer),
    "max_bytes_per_second": .orNull(.integer), "retention_days": .integer, "overload": overload,
    "lines_per_second": .number, "bytes_per_second": .number, "refused_per_second": .number,
    "last_line_at": .orNull(.moment), "secrets": .list(.reference("Secret")), "created_at": .moment,
  ])

  private static let user = APISchema([
    "id": .integer, "name": .string, "administrator": .boolean, "system": .boolean, "deactivated": .boolean,
    "created_at": .moment,
  ])
}
