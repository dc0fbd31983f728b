import Testing

/// Who may import whom (STYLE.md). The package's graph says what can be linked; these say what may be seen where.
@Suite struct ImportTests {
  /// Each C module, and the only folders that may see it.
  static let homes: [(module: String, folders: [String])] = [
    ("CRdkafka", ["Libraries/Kafka/", "Libraries/KafkaTesting/"]),
    ("CLibpq", ["Libraries/Postgres/"]),
    ("CCurl", ["Libraries/Curl/"]),
    ("CMicroHTTPD", ["Libraries/HTTP/"]),
    ("CCrypto", ["Libraries/Cryptography/"]),
    ("CDeflate", ["Libraries/Compression/"]),
    ("CZstd", ["Libraries/Compression/"]),
    ("CSnappy", ["Libraries/Compression/"]),
    ("CPCRE2", ["Libraries/Regex/"]),
    ("CEvent", ["Libraries/Streams/"]),
    ("CMalloc", ["Libraries/Lifecycle/"]),
  ]

  @Test("a C module is imported in its wrapper's folder only", arguments: homes)
  func cModules(module: String, folders: [String]) throws {
    for file in try SourceTree.files(under: ["Libraries", "Services"]) where file.imports.contains(module) {
      #expect(folders.contains { file.path.hasPrefix($0) }, "\(file.path) imports \(module)")
    }
  }

  @Test("no service imports another service")
  func services() throws {
    let services = ["Market", "Router", "Flow", "Tail", "Provisioner"]
    for file in try SourceTree.files(under: ["Services"]) {
      for other in services where !file.path.hasPrefix("Services/\(other)/") {
        #expect(!file.imports.contains("Barito\(other)"), "\(file.path) imports Barito\(other)")
      }
    }
  }

  @Test("BaritoCore imports the standard library, and FoundationEssentials in one file")
  func core() throws {
    let files = try SourceTree.files(under: ["Libraries/BaritoCore"])
    for file in files where file.path != "Libraries/BaritoCore/WireJSON.swift" {
      #expect(file.imports.isEmpty, "\(file.path) imports \(file.imports)")
    }
  }

  @Test("libraries know nothing of Barito but those that are Barito's")
  func wrappers() throws {
    let ours = ["Libraries/Barito", "Libraries/Redaction/"]
    for file in try SourceTree.files(under: ["Libraries"]) where !ours.contains(where: { file.path.hasPrefix($0) }) {
      #expect(!file.imports.contains { $0.hasPrefix("Barito") }, "\(file.path) imports \(file.imports)")
    }
  }

  @Test("nothing imports the whole of Foundation")
  func foundation() throws {
    for file in try SourceTree.files(under: ["Libraries", "Services"]) {
      #expect(!file.imports.contains("Foundation"), "\(file.path) imports Foundation")
      #expect(!file.imports.contains("FoundationNetworking"), "\(file.path) imports FoundationNetworking")
    }
  }

  @Test("unsafe code is in the wrappers of C libraries only")
  func unsafe() throws {
    let wrappers = [
      "Blocking", "HTTP", "Kafka", "KafkaTesting", "Postgres", "PostgresTesting", "Curl", "Compression",
      "Cryptography", "Logging", "Lifecycle", "Regex", "Streams",
    ].map { "Libraries/\($0)/" }
    for file in try SourceTree.files(under: ["Libraries", "Services"])
    where !wrappers.contains(where: { file.path.hasPrefix($0) }) {
      for word in ["UnsafeMutable", "UnsafePointer", "UnsafeRaw", "Unmanaged", "@unchecked Sendable", "unsafe "] {
        let used = file.lines.contains { !$0.contains("//") && $0.contains(word) }
        #expect(!used, "\(file.path) uses \(word)")
      }
    }
  }

  @Test("no handle is smuggled past the checker")
  func nonisolatedUnsafe() throws {
    for file in try SourceTree.files(under: ["Libraries", "Services"]) {
      #expect(!file.text.contains("nonisolated(unsafe)"), "\(file.path)")
    }
  }

  @Test("no file is left half done")
  func leftovers() throws {
    for file in try SourceTree.files(under: ["Libraries", "Services", "Benchmarks"]) {
      for word in ["TODO", "FIXME", "Not written yet"] {
        #expect(!file.text.contains(word), "\(file.path) says \(word)")
      }
    }
  }
}
