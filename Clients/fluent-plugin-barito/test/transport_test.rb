# frozen_string_literal: true

require_relative 'helper'

class TransportTest < Test::Unit::TestCase
  include Fluent::Plugin::Barito

  def setup
    @closing = []
  end

  def teardown
    @closing.each(&:call)
  end

  def server(**options, &answer)
    server = StubServer.new(**options, &answer)
    @closing << server.method(:stop)
    server
  end

  def transport(**options)
    transport = Transport.new(**options)
    @closing << transport.method(:close)
    transport
  end

  def url(server, path = '/produce_batch')
    Endpoint.of(server.url(path))
  end

  test 'a body arrives compressed, with its headers' do
    server = server()
    answer = transport.post(url(server, '/x/produce?a=b'), { 'X-App-Secret' => 's' }, '{"items":[]}')
    request = server.received.first
    assert_equal [:delivered, '{"items":[]}', '/x/produce?a=b'], [answer.kind, request.body, request.path]
    assert_equal %w[gzip application/json s],
                 request.headers.values_at('content-encoding', 'content-type', 'x-app-secret')
    assert_equal "fluent-plugin-barito/#{VERSION}", request.headers['user-agent']
  end

  test 'without compression it arrives as it is' do
    server = server()
    transport(gzip: false).post(url(server), {}, 'plain')
    assert_equal ['plain', nil], [server.received.first.raw, server.received.first.headers['content-encoding']]
  end

  test 'the same text is compressed to the same bytes' do
    assert_equal Transport.gzip('x' * 1000), Transport.gzip('x' * 1000)
    assert_equal "\0\0\0\0", Transport.gzip('x')[4, 4], "the header's time"
  end

  test 'a thread keeps its connection, and another has its own' do
    server = server()
    transport = transport()
    2.times { transport.post(url(server), {}, 'x') }
    Thread.new { transport.post(url(server), {}, 'x') }.join
    assert_equal [1, 1, 2], server.received.map(&:connection)
  end

  test 'a connection that the server has closed is replaced without an error' do
    server = server()
    transport = transport()
    transport.post(url(server), {}, 'one')
    server.hang_up
    assert_equal :delivered, transport.post(url(server), {}, 'two').kind
    assert_equal %w[one two], server.received.map(&:body)
  end

  test 'a connection that breaks under a request is tried once more, and no more often' do
    server = server { |request| request.body == 'first' ? 200 : :hang_up }
    transport = transport()
    transport.post(url(server), {}, 'first')
    assert_raise(Transport::Unreachable) { transport.post(url(server), {}, 'second') }
    assert_equal %w[first second second], server.received.map(&:body)
  end

  test 'nobody there is an error to retry, which names the server' do
    port = TCPServer.open('127.0.0.1', 0) { |free| free.addr[1] }
    error = assert_raise(Transport::Unreachable) do
      transport.post(Endpoint.of("http://127.0.0.1:#{port}"), {}, 'x')
    end
    assert_include error.message, "127.0.0.1:#{port}"
    assert_kind_of RetryableError, error
  end

  test 'a name that does not resolve, and an answer that is no HTTP, are errors to retry' do
    assert_raise(Transport::Unreachable) { transport.post(Endpoint.of('http://nowhere.invalid'), {}, 'x') }
    listener = TCPServer.new('127.0.0.1', 0)
    @closing << listener.method(:close)
    Thread.new { listener.accept.tap { |socket| socket.write("NOT HTTP\r\n\r\n") }.close }
    assert_raise(Transport::Unreachable) do
      transport.post(Endpoint.of("http://127.0.0.1:#{listener.addr[1]}"), {}, 'x')
    end
  end

  test 'a server that never answers is given up in time' do
    server = server { :silence }
    assert_raise(Transport::Unreachable) { transport(read_timeout: 0.1).post(url(server), {}, 'x') }
  end

  test 'a redirect is not followed' do
    other = server()
    server = server { [307, { 'Location' => other.url }] }
    assert_equal :retry, transport.post(url(server), { 'X-App-Secret' => 's' }, 'x').kind
    assert_equal [], other.received
  end

  test 'of an endless answer only the beginning is kept' do
    server = server { [500, {}, 'x' * 1_000_000] }
    transport = transport()
    assert_equal 200, transport.post(url(server), {}, 'x').detail.size
    assert_equal 500, transport.post(url(server), {}, 'x').status
  end

  test 'TLS is spoken with a server whose authority is known, and with no other' do
    Dir.mktmpdir do |folder|
      certificate, context = own_authority
      path = File.join(folder, 'ca.pem')
      File.write(path, certificate.to_pem)
      server = server(tls: context)
      assert_equal :delivered, transport(tls: { ca_file: path }).post(url(server), {}, 'x').kind
      assert_raise(Transport::Unreachable) { transport.post(url(server), {}, 'x') }
      lax = transport(tls: { verify_mode: OpenSSL::SSL::VERIFY_NONE })
      assert_equal :delivered, lax.post(url(server), {}, 'x').kind
    end
  end

  private

  def own_authority
    key = OpenSSL::PKey::EC.generate('prime256v1')
    certificate = OpenSSL::X509::Certificate.new
    certificate.version = 2
    certificate.serial = 1
    certificate.subject = certificate.issuer = OpenSSL::X509::Name.parse('/CN=127.0.0.1')
    certificate.public_key = key
    certificate.not_before = Time.now - 60
    certificate.not_after = Time.now + 600
    extensions = OpenSSL::X509::ExtensionFactory.new(certificate, certificate)
    certificate.add_extension(extensions.create_extension('basicConstraints', 'CA:TRUE', true))
    certificate.add_extension(extensions.create_extension('subjectAltName', 'IP:127.0.0.1'))
    certificate.sign(key, OpenSSL::Digest.new('SHA256'))
    context = OpenSSL::SSL::SSLContext.new
    context.cert = certificate
    context.key = key
    [certificate, context]
  end
end
