/// The folder of this test run's programs, where `swift build` puts them.
public let programFolder: String = {
  // The test bundle is loaded from that folder; the running program may be the toolchain's own.
  for argument in CommandLine.arguments {
    if let end = argument.range(of: ".xctest") {
      let path = argument[..<end.upperBound].split(separator: "/", omittingEmptySubsequences: false)
      guard let bundle = path.firstIndex(where: { $0.hasSuffix(".xctest") }) else { continue }
      return path[..<bundle].joined(separator: "/")
    }
  }
  return ".build/debug"
}()

extension String {
  fileprivate func range(of text: String) -> Range<String.Index>? {
    utf8.firstRange(of: text.utf8)
  }
}
