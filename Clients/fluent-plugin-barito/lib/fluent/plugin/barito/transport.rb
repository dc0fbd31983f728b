# frozen_string_literal: true

require 'net/http'
require 'openssl'
require 'zlib'
require_relative 'answer'
require_relative 'errors'
require_relative 'version'

module Fluent
  module Plugin
    module Barito
      # Posts bodies over HTTP, on a connection that stays open, one to each thread and server.
      class Transport
        # No whole answer came: nobody knows whether the lines arrived. A named batch is sent again without harm.
        class Unreachable < RetryableError; end

        FAILURES = [SystemCallError, SocketError, IOError, Timeout::Error, OpenSSL::SSL::SSLError, Net::ProtocolError,
                    Net::HTTPBadResponse, Net::HTTPHeaderSyntaxError].freeze
        # Of an answer, as much as is worth reading; the rest is thrown away.
        LONGEST_ANSWER = 16 * 1024

        # gzip:: whether bodies are compressed.
        # Times are in seconds. tls is a Hash of Net::HTTP's own: ca_file, verify_mode, cert, key.
        def initialize(gzip: true, open_timeout: 10, read_timeout: 30, write_timeout: 30, keep_alive: 30, tls: {})
          @gzip = gzip
          @times = { open_timeout: open_timeout, read_timeout: read_timeout, write_timeout: write_timeout,
                     ssl_timeout: open_timeout, keep_alive_timeout: keep_alive }
          @tls = tls
          @connections = {}
          @mutex = Mutex.new
        end

        # Answers an Answer; raises Unreachable. A stale connection is replaced once without a word.
        def post(url, headers, body)
          body = Transport.gzip(body) if @gzip
          request = request(url, headers)
          connection, fresh = connection(url)
          begin
            answer(connection, request, body)
          rescue *FAILURES => e
            drop(url)
            raise Unreachable, "#{Endpoint.shown(url)} cannot be reached: #{e.class}: #{e.message}" if fresh

            connection, fresh = connection(url)
            retry
          end
        end

        def close
          @mutex.synchronize do
            @connections.each_value { |connection| finish(connection) }
            @connections.clear
          end
        end

        # The same bytes for the same text: no time and no name in its header.
        def self.gzip(text)
          deflate = Zlib::Deflate.new(Zlib::DEFAULT_COMPRESSION, Zlib::MAX_WBITS + 16)
          deflate.deflate(text, Zlib::FINISH)
        ensure
          deflate&.close
        end

        private

        def request(url, headers)
          request = Net::HTTP::Post.new(url.request_uri, 'Accept-Encoding' => 'identity')
          request['User-Agent'] = "fluent-plugin-barito/#{VERSION}"
          request['Content-Type'] = 'application/json'
          request['Content-Encoding'] = 'gzip' if @gzip
          headers.each { |name, value| request[name] = value }
          request
        end

        def answer(connection, request, body)
          request.body = body
          text = +''
          response = connection.request(request) do |incoming|
            incoming.read_body { |part| text << part if text.bytesize < LONGEST_ANSWER }
          end
          headers = { 'retry-after' => response['Retry-After'], 'location' => response['Location'] }
          Answer.of(response.code.to_i, headers, text.force_encoding(Encoding::UTF_8))
        end

        # The thread's connection to that server, and whether it was opened just now.
        def connection(url)
          key = key(url)
          open = @mutex.synchronize { @connections[key] }
          return [open, false] if open&.started?

          fresh = Net::HTTP.new(url.hostname, url.port)
          configure(fresh, url)
          fresh.start
          @mutex.synchronize do
            forget_dead_threads
            @connections[key] = fresh
          end
          [fresh, true]
        rescue *FAILURES => e
          raise Unreachable, "#{Endpoint.shown(url)} cannot be reached: #{e.class}: #{e.message}"
        end

        def configure(connection, url)
          @times.each { |name, seconds| connection.public_send("#{name}=", seconds) }
          # Never a second try inside of Net::HTTP: we count them.
          connection.max_retries = 0
          return unless url.scheme == 'https'

          connection.use_ssl = true
          connection.verify_mode = OpenSSL::SSL::VERIFY_PEER
          connection.min_version = OpenSSL::SSL::TLS1_2_VERSION
          @tls.each { |name, value| connection.public_send("#{name}=", value) }
        end

        def drop(url)
          connection = @mutex.synchronize { @connections.delete(key(url)) }
          finish(connection) if connection
        end

        def forget_dead_threads
          dead = @connections.keys.reject { |thread, *| thread.alive? }
          dead.each { |key| finish(@connections.delete(key)) }
        end

        def finish(connection)
          connection.finish if connection.started?
        rescue *FAILURES
          # It is gone, which is what was wanted.
        end

        def key(url)
          [Thread.current, url.scheme, url.hostname, url.port]
        end
      end
    end
  end
end
