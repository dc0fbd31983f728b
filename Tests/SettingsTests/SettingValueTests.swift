import Settings
import Testing

@Suite("Setting values")
struct SettingValueTests {
  @Test(
    "durations are read with their units",
    arguments: [
      ("30s", Duration.seconds(30)), ("500ms", .milliseconds(500)), ("2m", .seconds(120)), ("1h30m", .seconds(5400)),
      ("7d", .seconds(604_800)), ("0", .zero), ("0s", .zero), ("1m1s1ms", .milliseconds(61001)),
    ])
  func duration(text: String, value: Duration) throws {
    #expect(try Duration.parseSetting(text) == value)
    #expect(try Duration.parseSetting(value.settingText) == value)
  }

  @Test(
    "what is not a duration is refused",
    arguments: ["", "30", "s", "-1s", "1.5s", "30 s", "1y", "99999999999999999999s", "999999999999999d", "1h30"])
  func badDuration(text: String) {
    #expect(throws: SettingFault.self) { try Duration.parseSetting(text) }
  }

  @Test("a duration is written with the largest unit that divides it")
  func durationText() {
    #expect(Duration.seconds(90).settingText == "90s")
    #expect(Duration.seconds(7200).settingText == "2h")
    #expect(Duration.milliseconds(1500).settingText == "1500ms")
  }

  @Test(
    "byte counts are read with binary and decimal units",
    arguments: [
      ("64MiB", 64 << 20), ("10MB", 10_000_000), ("512", 512), ("512B", 512), ("1kb", 1000), ("1KiB", 1024),
      ("2 GiB", 2 << 30), ("0", 0), ("1TiB", 1 << 40),
    ])
  func bytes(text: String, value: Int) throws {
    #expect(try ByteCount.parseSetting(text) == ByteCount(value))
    #expect(try ByteCount.parseSetting(ByteCount(value).settingText) == ByteCount(value))
  }

  @Test(
    "what is not a number of bytes is refused",
    arguments: ["", "MiB", "-1", "1.5MiB", "1 X", "99999999999999999999", "9999999999GiB"])
  func badBytes(text: String) {
    #expect(throws: SettingFault.self) { try ByteCount.parseSetting(text) }
  }

  @Test(
    "addresses are a host and a port",
    arguments: [
      ("localhost:9092", Address("localhost", 9092)), ("127.0.0.1:0", Address("127.0.0.1", 0)),
      ("[::1]:80", Address("::1", 80)),
    ])
  func address(text: String, value: Address) throws {
    #expect(try Address.parseSetting(text) == value)
    #expect(value.settingText == text)
  }

  @Test(
    "what is not an address is refused",
    arguments: ["", "host", "host:", ":80", "host:x", "host:65536", "::1:80", "a b:80", "http://host:80", "host:-1"])
  func badAddress(text: String) {
    #expect(throws: SettingFault.self) { try Address.parseSetting(text) }
  }

  @Test("a service URL loses the slash at its end")
  func url() throws {
    #expect(try ServiceURL("http://market:8080/").text == "http://market:8080")
    #expect(try ServiceURL("https://host/base/").text == "https://host/base")
    #expect(try ServiceURL("https://user:pw@host").text == "https://user:pw@host")
    #expect(try ServiceURL("https://user:p@w@host:9200/a").settingText == "https://user:********@host:9200/a")
    #expect(try ServiceURL("https://host:9200/a:b@c").settingText == "https://host:9200/a:b@c")
  }

  @Test(
    "what is not a service URL is refused",
    arguments: [
      "", "host:80", "ftp://host", "http://", "http:///x", "http://:80", "http://a b", "http://h?x=1", "http://u@",
    ])
  func badURL(text: String) {
    #expect(throws: SettingFault.self) { try ServiceURL(text) }
  }

  @Test("a list drops empty parts, and each element must be right")
  func list() throws {
    #expect(try [Int].parseSetting("1, 2,,3") == [1, 2, 3])
    #expect(try [Int].parseSetting("") == [])
    #expect(throws: SettingFault.self) { try [Int].parseSetting("1,x") }
    #expect([Address("a", 1), Address("b", 2)].settingText == "a:1,b:2")
  }

  @Test(
    "true and false have the usual spellings", arguments: [("yes", true), ("ON", true), ("0", false), ("no", false)])
  func bool(text: String, value: Bool) throws {
    #expect(try Bool.parseSetting(text) == value)
  }

  @Test("an enumeration names its choices and the nearest one")
  func enumeration() throws {
    #expect(try Mode.parseSetting("fast") == .fast)
    let fault = #expect(throws: SettingFault.self) { try Mode.parseSetting("fats") }
    #expect(fault?.remedy == "write fast, careful (did you mean fast?)")
  }
}

enum Mode: String, CaseIterable, SettingValue { case fast, careful }
