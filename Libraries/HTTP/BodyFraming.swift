/// How the end of a request's body is found, or why it cannot be: the library itself accepts conflicting lengths.
enum BodyFraming: Equatable {
  case none
  case length(Int)
  case chunked
  case invalid(String)

  init(_ headers: HTTPHeaders) {
    guard !headers.hasSpaceInName else {
      self = .invalid("The name of a header of the request has white space before its colon.")
      return
    }
    let lengths = headers.contains("Content-Length") ? headers.all("Content-Length") : []
    if headers.contains("Transfer-Encoding") {
      let encodings = headers.all("Transfer-Encoding")
      if !lengths.isEmpty {
        self = .invalid("The request has both Content-Length and Transfer-Encoding; send one of them.")
      } else if encodings.count == 1, encodings[0].lowercased() == "chunked" {
        self = .chunked
      } else {
        self = .invalid("The request has a Transfer-Encoding other than chunked; send the body plain or chunked.")
      }
      return
    }
    guard let first = lengths.first else {
      self = .none
      return
    }
    guard lengths.allSatisfy({ $0 == first }) else {
      self = .invalid("The request has two different Content-Length headers; send one.")
      return
    }
    guard first.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }), let length = Int(first) else {
      self = .invalid("The Content-Length of the request is not a number of bytes.")
      return
    }
    self = length == 0 ? .none : .length(length)
  }

  var hasBody: Bool { self != .none }
}
