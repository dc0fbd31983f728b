import FoundationEssentials
import Testing

@testable import BaritoMarket

/// Not a check but a look: writes every page and the assets to the folder that `BARITO_PREVIEW` names, to be served
/// and looked at.
@Suite struct WebPreviewTests {
  static let folder = ProcessInfo.processInfo.environment["BARITO_PREVIEW"]

  @Test("every page is written to the preview folder", .enabled(if: folder != nil))
  func preview() throws {
    let folder = try #require(Self.folder)
    try FileManager.default.createDirectory(atPath: "\(folder)/assets", withIntermediateDirectories: true)
    for mock in MockPage.all {
      try mock.markup.write(toFile: "\(folder)/\(mock.name).html", atomically: false, encoding: .utf8)
    }
    for asset in Asset.all {
      try Data(asset.bytes).write(to: URL(filePath: "\(folder)/assets/\(asset.name)"))
    }
  }
}
