import BaritoCore
import Testing

@testable import BaritoMarket

/// Rules are set, tried and handed to the data plane.
@Suite(.timeLimit(.minutes(2))) struct RedactionTests {
  private let card = RedactionRule(name: "CARD", .pattern(#"\d{16}"#), hintStart: 2)

  @Test("a script sets the rules of a group and an app, and the feed tells of them; an app's replace its group's")
  func api() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let token = try await market.token(ada)
      let group = try await market.group(by: ada)
      let app = try await market.app("a", in: group, by: ada).detail.app.id
      let (ofGroup, ofApp) = ("/api/v1/groups/\(group.clusterName)/redaction", "/api/v1/apps/\(app)/redaction")
      let none = try await market.call("GET", ofApp, token: token)
      #expect(none.status == 200 && none.json["rules"] == .null && none.json["effective"]?.list == [])
      let set = try await market.call(
        "PUT", ofGroup, token: token, body: #"{"rules":[{"name":"CARD","pattern":"\\d{16}","hint_start":2}]}"#)
      #expect(set.status == 200 && set.json["rules"]?.list?.count == 1)
      let inherited = try await market.call("GET", ofApp, token: token)
      #expect(inherited.json["rules"] == .null && inherited.json["effective"]?.list?.first?["name"]?.text == "CARD")
      let own = try await market.call(
        "PUT", ofApp, token: token, body: #"{"rules":[{"name":"MAIL","path":".user.mail"}]}"#)
      #expect(own.json["effective"]?.list?.compactMap { $0["name"]?.text } == ["MAIL"])
      let page = try await market.database.snapshot { try await ProfileStore($0).page(after: 0, limit: 100) }
      #expect(page.groups.first { $0.clusterName == group.clusterName }?.redaction == [card])
      #expect(page.apps.first { $0.id == app }?.redaction == [RedactionRule(name: "MAIL", .path(".user.mail"))])
      var directory = ProfileDirectory()
      directory.apply(page)
      #expect(directory.redaction(of: app).map(\.name) == ["MAIL"])
      _ = try await market.call("PUT", ofApp, token: token, body: #"{"rules":[]}"#)
      #expect(try await market.call("GET", ofApp, token: token).json["effective"]?.list == [])
      let back = try await market.call("PUT", ofApp, token: token, body: #"{"rules":null}"#)
      #expect(back.json["rules"] == .null && back.json["effective"]?.list?.count == 1)
      let audit = try await market.services.platform.audit(of: group.clusterName, before: nil, limit: 100, ada)
      #expect(audit.filter { $0.action == "app.redaction.change" }.map(\.detail) == ["as the group", "none", "MAIL"])
      #expect(audit.filter { $0.action == "group.redaction.change" }.map(\.detail) == ["CARD"])
    }
  }

  @Test(
    "a rule that cannot be is refused, with its place in the list and in the pattern",
    arguments: [
      (#"{"name":"A","pattern":"a(b"}"#, "rules[0].pattern", "position 3"),
      (#"{"name":"A","pattern":"(a+)+$"}"#, "rules[0].pattern", "too many steps"),
      (#"{"name":"A","path":"user"}"#, "rules[0].path", "begins with a dot"),
      (#"{"name":"A"}"#, "rules[0].pattern", "neither"), (#"{"path":".a"}"#, "rules[0].name", "missing"),
      (#"{"name":"A","path":".a","hint":2}"#, "rules[0].hint", "no field hint"),
      (#"{"name":"A","path":".a","pattern":"b"}"#, "rules[0].path", "not both"), ("7", "rules[0]", "object"),
      (#"{"name":"A","path":".a"},{"name":"A","path":".b"}"#, "rules[1].name", "of its own"),
    ])
  func refused(rule: String, field: String, words: String) async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let token = try await market.token(ada)
      let group = try await market.group(by: ada)
      let app = try await market.app("a", in: group, by: ada).detail.app.id
      let body = "{\"rules\":[\(rule)]}"
      for target in ["/api/v1/apps/\(app)/redaction", "/api/v1/groups/\(group.clusterName)/redaction"] {
        let answer = try await market.call("PUT", target, token: token, body: body)
        #expect(answer.status == 422 && answer.json["code"]?.text == "invalid")
        let error = try #require(answer.json["errors"]?.list?.first)
        #expect(error["field"]?.text == field && error["detail"]?.text?.contains(words) == true, "\(error)")
        #expect(try await market.call("PUT", target, token: token, body: "{}").status == 422)
      }
      #expect(try await market.services.redaction.find(app, ada) == .init(own: nil, inherited: []))
    }
  }

  @Test("rules are tried on lines without being kept, with what each did and how long it took")
  func trial() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let token = try await market.token(ada)
      let group = try await market.group(by: ada)
      let app = try await market.app("a", in: group, by: ada).detail.app.id
      let target = "/api/v1/apps/\(app)/redaction/try"
      let answer = try await market.call(
        "POST", target, token: token,
        body: #"{"rules":[{"name":"N","pattern":"\\d+"}],"lines":["{\"a\":\"1 2\"}","{\"a\":3}","x 4"]}"#)
      #expect(answer.status == 200)
      #expect(
        answer.json["lines"]?.list?.compactMap { $0["after"]?.text } == [
          #"{"a":"[N REDACTED] [N REDACTED]"}"#, #"{"a":3}"#, "x [N REDACTED]",
        ])
      #expect(answer.json["lines"]?.list?.map { $0["json"] } == [.boolean(true), .boolean(true), .boolean(false)])
      #expect(answer.json["counts"]?.list?.first?["redacted"]?.integer == 3)
      #expect(answer.json["microseconds"]?.integer != nil)
      let held = try await market.call("POST", target, token: token, body: #"{"lines":["{\"a\":\"1\"}"]}"#)
      #expect(held.json["lines"]?.list?.first?["after"]?.text == #"{"a":"1"}"#)
      let many = (0..<101).map { "\"\($0)\"" }.joined(separator: ",")
      #expect(try await market.call("POST", target, token: token, body: #"{"lines":[\#(many)]}"#).status == 422)
    }
  }

  @Test("owners add, try and remove rules on an app's page, without a script; members only see them")
  func page() async throws {
    try await WebHarness.run { harness in
      let (client, owner) = try await harness.browser("owner")
      let group = try await harness.activeGroup(by: owner)
      _ = try await harness.services.redaction.change(group.clusterName, by: owner) { _ in [card] }
      let app = try await harness.services.apps.register(.init(name: "api"), in: group.clusterName, by: owner)
      let id = app.detail.app.id
      try await harness.count(id, accepted: 5, indexed: 5)
      let page = MarketRoutes.appRedaction("\(id)")
      #expect(try await client.get(MarketRoutes.app("\(id)")).text.contains("These are the group's rules."))
      #expect(try await client.get(page).text.contains("Add rule</button>"))
      let sample = (RedactionPage.Form.sample, #"{"m":"ada@example.com 4111111111111111"}"#)
      let tried = try await client.post(
        page, [("action", "try"), ("name", "MAIL"), ("pattern", #"\S+@\S+"#), sample])
      #expect(tried.status == 200 && tried.text.contains("[MAIL REDACTED] 41[CARD REDACTED]"))
      #expect(try await harness.services.redaction.find(id, owner).own == nil)
      for (fields, words) in [
        ([("name", "A"), ("pattern", "a(b")], "position 3"), ([], "has no name"),
        ([("name", "A"), ("pattern", "a"), ("path", ".a")], "not both"),
        ([("name", "A"), ("pattern", "a"), ("hint_start", "x")], "not a whole number"),
        ([("action", "try")], "no sample"),
      ] {
        let refused = try await client.post(page, fields)
        #expect(refused.status == 422 && refused.text.contains(words), "\(words)")
      }
      let added = try await client.post(page, [("action", "add"), ("name", "MAIL"), ("pattern", #"\S+@\S+"#)])
      #expect(added.status == 303 && added.location == page)
      #expect(try await client.get(page).text.contains("The rule holds from now on"))
      #expect(try await harness.services.redaction.find(id, owner).own?.map(\.name) == ["CARD", "MAIL"])
      #expect(try await client.post("\(page)/remove", [("name", "CARD")]).status == 303)
      #expect(try await harness.services.redaction.find(id, owner).own?.map(\.name) == ["MAIL"])
      let (member, _) = try await harness.browser("member")
      _ = try await harness.services.members.put("member", role: .member, in: group.clusterName, by: owner)
      let seen = try await member.get(page)
      #expect(seen.status == 200 && seen.text.contains("MAIL") && !seen.text.contains("Add rule</button>"))
      for path in [page, "\(page)/remove", "\(page)/inherit"] {
        #expect(try await member.post(path, [("action", "try"), sample]).status == 403)
      }
      #expect(try await client.post("\(page)/inherit").status == 303)
      #expect(try await harness.services.redaction.find(id, owner).own == nil)
    }
  }

  @Test("owners set a group's rules on its page")
  func groupPage() async throws {
    try await WebHarness.run { harness in
      let (client, owner) = try await harness.browser("owner")
      let group = try await harness.activeGroup(by: owner)
      let page = MarketRoutes.groupRedaction(group.clusterName.rawValue)
      #expect(try await client.get(page).text.contains("None: lines are indexed"))
      let added = try await client.post(page, [("name", "USER"), ("path", ".user"), ("hint_end", "1")])
      #expect(added.status == 303)
      let rules = try await harness.services.groups.find(group.clusterName, owner).group.redaction
      #expect(rules == [RedactionRule(name: "USER", .path(".user"), hintEnd: 1)])
      #expect(try await client.get(MarketRoutes.group(group.clusterName.rawValue)).text.contains("<code>.user</code>"))
      #expect(try await client.post("\(page)/remove", [("name", "USER")]).status == 303)
      #expect(try await harness.services.groups.find(group.clusterName, owner).group.redaction.isEmpty)
    }
  }
}
