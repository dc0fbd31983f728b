import BaritoCore
import Curl
import Glibc
import TestKit

@testable import BaritoMarket

/// Headless Chromium, driven through chromedriver as the W3C's WebDriver says.
final class Browser: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let driver: ChildProcess
  private let folder: String
  private let client: CurlClient
  private let session: String

  static let programs = ["/usr/bin/chromium", "/usr/bin/chromedriver"]
  /// Machines of the project have a browser, and where one is missing the tests fail; somebody's own may have none.
  static let canRun: Bool = {
    if programs.allSatisfy({ access($0, X_OK) == 0 }) || environmentVariable("CI") != nil { return true }
    print("No browser test: chromium and chromium-driver are not installed.")
    return false
  }()

  static func run<Result>(_ body: (Browser) async throws -> Result) async throws -> Result {
    let folder = try makeTemporaryFolder()
    defer { removeFolder(folder) }
    let driver = try ChildProcess(
      "chromedriver", programs[1], ["--port=0"], output: "\(folder)/chromedriver.log")
    do {
      let browser = try await Browser(driver, folder: folder)
      let result: Swift.Result<Result, any Error>
      do { result = .success(try await body(browser)) } catch { result = .failure(error) }
      _ = try? await browser.call("DELETE", "")
      await driver.stop(within: .seconds(5))
      return try result.get()
    } catch {
      await driver.stop(within: .seconds(5))
      throw error
    }
  }

  private init(_ driver: ChildProcess, folder: String) async throws {
    self.driver = driver
    self.folder = folder
    client = CurlClient(CurlConfiguration(proxy: .none))
    let marker = "started successfully on port "
    try await eventually("chromedriver listens") {
      String(decoding: driver.output, as: UTF8.self).utf8.firstRange(of: marker.utf8) != nil
    }
    let output = String(decoding: driver.output, as: UTF8.self)
    guard let found = output.utf8.firstRange(of: marker.utf8) else { throw Failure(description: output) }
    let port = String(output[found.upperBound...].prefix { $0.isNumber })
    let arguments: JSONValue = [
      "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
      .string("--user-data-dir=\(folder)/profile"), "--window-size=1440,1000", "--hide-scrollbars",
    ]
    let wanted: JSONValue = [
      "capabilities": [
        "alwaysMatch": [
          "browserName": "chrome", "goog:chromeOptions": ["args": arguments, "binary": .string(Browser.programs[0])],
          "goog:loggingPrefs": ["browser": "ALL", "performance": "ALL"],
        ]
      ]
    ]
    let base = "http://127.0.0.1:\(port)/session"
    let answer = try await Browser.send(client, "POST", base, wanted)
    guard let id = answer["sessionId"]?.text else { throw Failure(description: "no session: \(answer)") }
    session = "\(base)/\(id)"
  }

  private static func send(
    _ client: CurlClient, _ method: String, _ url: String, _ body: JSONValue?
  ) async throws -> JSONValue {
    var request = CurlRequest(
      method, url, headers: [("Content-Type", "application/json")],
      body: method == "POST" ? try WireJSON.encode(body ?? [:] as JSONValue) : nil, timeout: .seconds(60))
    request.maxResponseBytes = 64 << 20
    let response = try await client.perform(request)
    let json = try WireJSON.decode(JSONValue.self, from: response.body)
    let value = json["value"] ?? .null
    guard response.isSuccess else {
      throw Failure(description: "\(method) \(url): \(value["message"]?.text ?? response.text)")
    }
    return value
  }

  @discardableResult
  private func call(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
    try await Browser.send(client, method, session + path, body)
  }

  func open(_ url: String) async throws { try await call("POST", "/url", ["url": .string(url)]) }
  var url: String { get async throws { try await call("GET", "/url").text ?? "" } }

  /// Runs a script and returns what it returns.
  @discardableResult
  func run(_ script: String) async throws -> JSONValue {
    try await call("POST", "/execute/sync", ["script": .string(script), "args": []])
  }

  /// A command of Chromium's own protocol.
  func chromium(_ command: String, _ parameters: JSONValue = [:]) async throws -> JSONValue {
    try await call("POST", "/goog/cdp/execute", ["cmd": .string(command), "params": parameters])
  }

  /// The element of a CSS selector.
  private func element(_ selector: String) async throws -> String {
    let found = try await call("POST", "/element", ["using": "css selector", "value": .string(selector)])
    guard case .object(let members) = found, let id = members.values.first?.text else {
      throw Failure(description: "no element \(selector)")
    }
    return id
  }

  func click(_ selector: String) async throws {
    try await call("POST", "/element/\(try await element(selector))/click")
  }

  func type(_ text: String, into selector: String) async throws {
    try await call("POST", "/element/\(try await element(selector))/value", ["text": .string(text)])
  }

  /// What a person reads in an element.
  func text(of selector: String) async throws -> String {
    // A live part of a page may be replaced between being found and being read.
    for _ in 1...5 {
      do {
        return try await call("GET", "/element/\(try await element(selector))/text").text ?? ""
      } catch let failure as Failure where failure.description.contains("stale element reference") {
        continue
      }
    }
    throw Failure(description: "\(selector) is replaced again and again, so that it cannot be read")
  }

  /// Whether there is such an element.
  func has(_ selector: String) async throws -> Bool {
    guard
      case .array(let found) = try await call(
        "POST", "/elements", ["using": "css selector", "value": .string(selector)])
    else { return false }
    return !found.isEmpty
  }

  func waitFor(_ selector: String) async throws {
    try await eventually("\(selector) appears") { try await has(selector) }
  }

  /// Clicks what leads to another page, and waits for it.
  func follow(_ selector: String, to part: String) async throws {
    try await click(selector)
    try await eventually("the browser is at \(part)") { try await url.utf8.firstRange(of: part.utf8) != nil }
  }

  enum Key: String {
    case tab = "\u{E004}"
    case enter = "\u{E007}"
    case space = " "
    case down = "\u{E015}"
  }

  /// Presses keys one after the other, wherever the focus is.
  func press(_ text: String) async throws {
    let actions = text.unicodeScalars.flatMap { scalar -> [JSONValue] in
      [["type": "keyDown", "value": .string("\(scalar)")], ["type": "keyUp", "value": .string("\(scalar)")]]
    }
    try await call("POST", "/actions", ["actions": [["type": "key", "id": "keys", "actions": .array(actions)]]])
  }

  func press(_ key: Key) async throws { try await press(key.rawValue) }

  /// Lines of the browser's console since the last call that tell of something wrong.
  func complaints() async throws -> [String] {
    guard case .array(let entries) = try await call("POST", "/se/log", ["type": "browser"]) else { return [] }
    return entries.compactMap { entry in
      let level = entry["level"]?.text
      return level == "SEVERE" || level == "WARNING" ? entry["message"]?.text : nil
    }
  }

  /// Every address that was asked for since the last call.
  func requestedURLs() async throws -> [String] {
    guard case .array(let entries) = try await call("POST", "/se/log", ["type": "performance"]) else { return [] }
    return try entries.compactMap { entry in
      guard let text = entry["message"]?.text else { return nil }
      let message = try WireJSON.decode(JSONValue.self, from: Array(text.utf8))["message"]
      guard message?["method"]?.text == "Network.requestWillBeSent" else { return nil }
      return message?["params"]?["request"]?["url"]?.text
    }
  }

  func setScripts(enabled: Bool) async throws {
    _ = try await chromium("Emulation.setScriptExecutionDisabled", ["value": .boolean(!enabled)])
  }

  /// Stores the whole page as it looks at this width.
  func screenshot(to path: String, width: Int64, isDark: Bool) async throws {
    _ = try await chromium(
      "Emulation.setEmulatedMedia",
      ["features": [["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]]])
    _ = try await chromium(
      "Emulation.setDeviceMetricsOverride",
      ["width": .integer(width), "height": 900, "deviceScaleFactor": 1, "mobile": .boolean(width < 600)])
    let shot = try await chromium(
      "Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true])
    guard let data = shot["data"]?.text, let file = fopen(path, "we") else {
      throw Failure(description: "cannot write \(path)")
    }
    defer { fclose(file) }
    let bytes = Base64.decode(data)
    fwrite(bytes, 1, bytes.count, file)
  }
}

/// Base64 as the browser writes pictures.
enum Base64 {
  static func decode(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var (bits, count) = (0 as UInt32, 0)
    for character in text.utf8 {
      let value: UInt8
      switch character {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - 65
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - 71
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character + 4
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      default: continue
      }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return bytes
  }
}
