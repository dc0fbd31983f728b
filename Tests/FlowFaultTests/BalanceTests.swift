import Testing

/// What the other tests stand on: the oracle sees each way in which an account may not balance.
@Suite struct BalanceTests {
  private static let place = KafkaLedger.Place(topic: "shop_logs", partition: 0, offset: 7)
  private static let document = KafkaLedger.Document(index: "shop-2026.11.22", id: "7")
  private static let record = KafkaLedger.Record(place: place, document: document, value: Array("{}".utf8))
  private static let kafka = KafkaLedger(records: [record])

  @Test("an account that balances is not complained about")
  func balanced() {
    let stored = ElasticsearchLedger(documents: [Self.document: Self.record.value], count: 1)
    #expect(Balance(Self.kafka, stored).complaints == [])
  }

  @Test("a record that is lost is named")
  func lost() {
    let complaints = Balance(Self.kafka, ElasticsearchLedger()).complaints
    #expect(complaints == ["1 records are neither indexed nor in the quarantine: shop_logs[0]@7"])
  }

  @Test("so is one that was changed, doubled, refused without need, made up or counted twice")
  func wrong() {
    let other = KafkaLedger.Document(index: "shop-2026.11.23", id: "7")
    var cases: [ElasticsearchLedger] = []
    cases.append(ElasticsearchLedger(documents: [Self.document: Array("{ }".utf8)], count: 1))
    cases.append(
      ElasticsearchLedger(documents: [Self.document: Self.record.value, other: Self.record.value], count: 2))
    cases.append(ElasticsearchLedger(quarantine: [Self.place: Self.record.value], count: 1))
    cases.append(
      ElasticsearchLedger(
        documents: [Self.document: Self.record.value], quarantine: [Self.place: Self.record.value], count: 2))
    cases.append(ElasticsearchLedger(documents: [Self.document: Self.record.value], count: 2))
    for stored in cases { #expect(Balance(Self.kafka, stored).complaints.count == 1, "\(stored)") }
  }
}
