/// What to paste to send lines from a shipper, with the values filled in.
struct Snippet: Sendable {
  /// The shipper.
  var title: String
  /// Where it goes, and what to do then.
  var note: String
  var text: String

  /// - Parameters:
  ///   - endPoint: where the Router takes batches, `…/produce_batch`.
  ///   - secret: the app's secret, or what stands in its place where it cannot be shown any more.
  static func all(endPoint: String, secret: String) -> [Snippet] {
    [
      baritoPlugin(endPoint, secret), fluentd(endPoint, secret), fluentBit(endPoint, secret), vector(endPoint, secret),
      curl(endPoint, secret),
    ]
  }

  private static func baritoPlugin(_ endPoint: String, _ secret: String) -> Snippet {
    Snippet(
      title: "fluentd, Barito plugin",
      note: """
        Install fluent-plugin-barito 1.0, add this to fluent.conf, reload fluentd. It sends each batch until it is \
        accepted, and a repeated one makes no duplicates. Versions before 1.0 drop what is refused.
        """,
      text: """
        <match **>
          @type barito_batch_vm
          application_secret \(secret)
          produce_url \(endPoint)
          <buffer>
            @type file
            path /var/log/fluentd/barito
            flush_interval 1s
          </buffer>
        </match>
        """)
  }

  private static func fluentd(_ endPoint: String, _ secret: String) -> Snippet {
    Snippet(
      title: "fluentd",
      note: "Needs no plugin. It keeps the time of each event and retries until a batch is accepted.",
      text: """
        <filter **>
          @type record_transformer
          enable_ruby true
          <record>
            @timestamp ${time.getutc.strftime('%Y-%m-%dT%H:%M:%S.%LZ')}
          </record>
        </filter>
        <match **>
          @type http
          endpoint \(endPoint)
          headers {"X-App-Secret":"\(secret)"}
          content_type application/x-ndjson
          retryable_response_codes 429,500,502,503,504
          <format>
            @type json
          </format>
          <buffer>
            @type file
            path /var/log/fluentd/barito
            chunk_limit_size 1m
            flush_interval 1s
            overflow_action block
          </buffer>
        </match>
        """)
  }

  private static func fluentBit(_ endPoint: String, _ secret: String) -> Snippet {
    let url = URLParts(endPoint)
    return Snippet(
      title: "Fluent Bit",
      note: "Add this to fluent-bit.conf.",
      text: """
        [OUTPUT]
            Name              http
            Match             *
            Host              \(url.host)
            Port              \(url.port)
            URI               \(url.path)
            tls               \(url.isSecure ? "on" : "off")
            Header            X-App-Secret \(secret)
            Format            json_lines
            Json_date_key     @timestamp
            Json_date_format  iso8601
            Compress          gzip
            Retry_Limit       no_limits
        """)
  }

  private static func vector(_ endPoint: String, _ secret: String) -> Snippet {
    Snippet(
      title: "Vector",
      note: "Add this to vector.yaml and name your source as its input.",
      text: """
        sinks:
          barito:
            type: http
            inputs: [your_source]
            uri: \(endPoint)
            compression: gzip
            framing:
              method: newline_delimited
            encoding:
              codec: json
            request:
              headers:
                Content-Type: application/x-ndjson
                X-App-Secret: \(secret)
        """)
  }

  private static func curl(_ endPoint: String, _ secret: String) -> Snippet {
    Snippet(
      title: "curl",
      note: "Sends one line, to see that it works.",
      text: """
        curl \(endPoint) \\
          -H 'X-App-Secret: \(secret)' \\
          -H 'Content-Type: application/x-ndjson' \\
          -d '{"level":"info","message":"hello from curl"}'
        """)
  }
}

/// The parts of an `http` or `https` URL that some configurations want one by one.
struct URLParts: Sendable, Equatable {
  var isSecure: Bool
  var host: String
  var port: Int
  var path: String

  init(_ url: String) {
    isSecure = url.hasPrefix("https:")
    let schemeLength = isSecure ? 8 : url.hasPrefix("http://") ? 7 : 0
    let rest = url.dropFirst(schemeLength)
    let authority = rest.prefix { $0 != "/" }
    path = authority.endIndex == rest.endIndex ? "/" : String(rest[authority.endIndex...])
    // The colons of an IPv6 address stand in brackets, before the one of the port.
    let afterAddress = authority.lastIndex(of: "]") ?? authority.startIndex
    let colon = authority[afterAddress...].lastIndex(of: ":")
    host = String(authority[..<(colon ?? authority.endIndex)])
    port = colon.flatMap { Int(authority[authority.index(after: $0)...]) } ?? (isSecure ? 443 : 80)
  }
}
