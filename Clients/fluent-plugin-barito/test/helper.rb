# frozen_string_literal: true

require 'test/unit'
require 'json'
require 'openssl'
require 'socket'
require 'tmpdir'
require 'zlib'

$LOAD_PATH.unshift(File.expand_path('../lib', __dir__))

Dir[File.expand_path('../lib/fluent/plugin/barito/*.rb', __dir__)].sort.each { |path| require path }

# A server on a port of its own that keeps what it was sent and answers what the test says.
class StubServer
  Request = Struct.new(:path, :headers, :raw, :connection, keyword_init: true) do
    def body
      headers['content-encoding'] == 'gzip' ? Zlib.gunzip(raw) : raw
    end

    def items
      JSON.parse(body)['items']
    end

    def messages
      items.map { |item| item['@message'] }
    end

    def batch
      headers['x-barito-batch-id']
    end
  end

  attr_reader :requests

  # Yields each Request; the block answers [status, headers, body], a status, :hang_up, or :silence.
  def initialize(tls: nil, &answer)
    @answer = answer || ->(_) { 200 }
    @requests = Queue.new
    @kept = []
    @sockets = Queue.new
    @server = TCPServer.new('127.0.0.1', 0)
    @scheme = tls ? 'https' : 'http'
    @port = @server.addr[1]
    @connections = 0
    @listener = tls ? OpenSSL::SSL::SSLServer.new(@server, tls) : @server
    @thread = Thread.new { accept }
  end

  def url(path = '/produce_batch')
    "#{@scheme}://127.0.0.1:#{@port}#{path}"
  end

  # What has come so far, oldest first.
  def received
    @kept << @requests.pop until @requests.empty?
    @kept
  end

  # Ends the connections that are open, as a server does that restarts.
  def hang_up
    @sockets.pop.close until @sockets.empty?
  end

  def stop
    @thread.kill
    @server.close
    hang_up
  end

  private

  def accept
    loop do
      socket = @listener.accept
      @sockets << socket
      number = @connections += 1
      Thread.new { serve(socket, number) }
    rescue OpenSSL::SSL::SSLError
      # A client that does not trust us.
    end
  rescue IOError
    # Stopped.
  end

  def serve(socket, number)
    while (line = socket.gets)
      headers = {}
      while (header = socket.gets.chomp) != ''
        name, value = header.split(': ', 2)
        headers[name.downcase] = value
      end
      raw = socket.read(headers['content-length'].to_i)
      request = Request.new(path: line.split[1], headers: headers, raw: raw, connection: number)
      @requests << request
      reply = @answer.call(request)
      return socket.close if reply == :hang_up
      next if reply == :silence

      write(socket, *reply)
    end
  rescue IOError, SystemCallError
    # The client or the test is gone.
  end

  def write(socket, status, headers = {}, body = "topic\n")
    head = { 'Content-Length' => body.bytesize }.merge(headers).map { |name, value| "#{name}: #{value}\r\n" }.join
    socket.write("HTTP/1.1 #{status} Said so\r\n#{head}\r\n#{body}")
  end
end

# What most tests need.
module Barito
  include Fluent::Plugin::Barito

  # 2026-11-22T10:15:30.123456Z, as fluentd makes an id of it.
  MOMENT = 1_795_342_530_123_456
  ID = [MOMENT << 12 | 0xabc, 1, 2].pack('Q>NN')

  module_function

  def secret(text = 'the-secret')
    Fluent::Plugin::Barito::Secret.new(text: text)
  end

  def target(url, **credentials)
    credentials = { app_secret: secret } if credentials.empty?
    Fluent::Plugin::Barito::Target.new(url: Fluent::Plugin::Barito::Endpoint.of(url), **credentials)
  end

  def name(id = ID)
    Fluent::Plugin::Barito::BatchName.new(id)
  end

  def problem(status, code, detail, headers = {})
    body = JSON.generate('status' => status, 'code' => code, 'detail' => detail)
    [status, { 'Content-Type' => 'application/problem+json' }.merge(headers), body]
  end
end
