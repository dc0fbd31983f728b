# frozen_string_literal: true

require_relative 'helper'

class CourierTest < Test::Unit::TestCase
  include Fluent::Plugin::Barito

  def setup
    @closing = []
  end

  def teardown
    @closing.each(&:call)
  end

  def server(&answer)
    server = StubServer.new(&answer)
    @closing << server.method(:stop)
    server
  end

  def courier(destinations, **options)
    transport = Transport.new(open_timeout: 5, read_timeout: 5)
    @closing << transport.method(:close)
    Courier.new(destinations: destinations, timber: Timber.new, transport: transport, **options)
  end

  def fixed(server, **credentials)
    Destinations::Fixed.new(Barito.target(server.url, **credentials))
  end

  def by_app(server)
    Destinations::ByName.new(url: Endpoint.of(server.url), group_secret: Barito.secret('group'),
                             format: '${record["app"]}')
  end

  def deliver(courier, records, name: Barito.name)
    courier.deliver(name) { |add| records.each { |record| add.call('tag', 5, record) } }
  end

  def lines(*texts)
    texts.map { |text| { 'message' => text } }
  end

  def line(app, text)
    { 'app' => app, 'message' => text }
  end

  test 'a chunk becomes one named request' do
    server = server()
    deliver(courier(fixed(server)), lines('a', 'b'))
    request = server.received.first
    assert_equal %w[a b], request.messages
    assert_equal ["#{Barito::ID.unpack1('H*')}.0.2", '2026-11-22T10:15:30.123Z', 'the-secret'],
                 request.headers.values_at('x-barito-batch-id', 'x-barito-batch-time', 'x-app-secret')
    assert_equal ['2026-11-22T10:15:30Z'], request.items.map { |item| item['client_trail']['sent_at'] }.uniq
  end

  test 'an empty chunk asks nothing' do
    server = server()
    deliver(courier(fixed(server)), [])
    assert_equal [], server.received
  end

  test 'every answer but a success raises, and the retry is the same to the byte' do
    [401, 403, 404, 405, 408, 429, 500, 502, 503, 504, :hang_up].each do |status|
      answers = [status, 200]
      server = server { answers.shift }
      first = courier(fixed(server))
      assert_raise(RetryableError, status.to_s) { deliver(first, lines('a', 'b')) }
      # Another process, as after a restart.
      deliver(courier(fixed(server)), lines('a', 'b'))
      one, two = server.received
      assert_equal [one.raw, one.headers], [two.raw, two.headers]
    end
  end

  test 'what Barito never takes is told as such, with its reason and without the secret' do
    server = server { Barito.problem(400, 'malformed', 'the-secret is at offset 7') }
    error = assert_raise(RefusedError) { deliver(courier(fixed(server)), lines('a')) }
    assert_include error.message, '400 malformed: [secret] is at offset 7'
    assert_not_include error.message, 'the-secret'
  end

  test 'a request that is too large is cut in the same way every time' do
    ids = Array.new(2) do
      server = server { |request| request.items.size > 2 ? 413 : 200 }
      deliver(courier(fixed(server)), lines(*'a'..'e'))
      delivered = server.received.select { |request| request.items.size <= 2 }
      assert_equal [%w[a b], ['c'], %w[d e]], delivered.map(&:messages)
      delivered.map(&:batch)
    end
    assert_equal ids[0], ids[1]
    assert_equal 3, ids[0].uniq.size
  end

  test 'one line that is too large does not keep the others back' do
    server = server { |request| request.messages.include?('big') ? Barito.problem(413, 'line_too_large', 'big') : 200 }
    error = assert_raise(RefusedError) { deliver(courier(fixed(server)), lines('a', 'b', 'big', 'c')) }
    assert_include error.message, 'line_too_large'
    delivered = server.received.map(&:messages).reject { |messages| messages.include?('big') }
    assert_equal %w[a b c], delivered.flatten
  end

  test 'a large chunk is cut beforehand' do
    server = server()
    deliver(courier(fixed(server), max_lines: 2), lines('a', 'b', 'c'))
    assert_equal [%w[a b], ['c']], server.received.map(&:messages)
  end

  test "where a chunk is cut does not depend on the sender's labels" do
    ids = [{}, { 'rack' => 'x' * 500 }].map do |labels|
      server = server()
      deliver(courier(fixed(server), labels: labels, max_bytes: 300), lines('a' * 50, 'b' * 50, 'c' * 50, 'd' * 50))
      server.received.map(&:batch)
    end
    assert_equal ids[0], ids[1]
    assert_operator ids[0].size, :>, 1
  end

  test 'lines of several apps go to each in a request of its own' do
    server = server()
    deliver(courier(by_app(server)), [line('x', 'a'), line('y', 'b'), line('x', 'c')])
    sent = server.received.map { |request| [request.headers['x-app-name'], request.messages] }
    assert_equal [['x', %w[a c]], ['y', ['b']]], sent
    assert_equal ['group'], server.received.map { |request| request.headers['x-app-group-secret'] }.uniq
  end

  test 'an app that is refused does not hold up the others, and the retry is for it alone' do
    open = false
    server = server { |request| request.headers['x-app-name'] == 'x' && !open ? 403 : 200 }
    courier = courier(by_app(server))
    records = [line('x', 'a'), line('y', 'b')]
    assert_raise(RetryableError) { deliver(courier, records) }
    open = true
    deliver(courier, records)
    assert_equal %w[x y x], server.received.map { |request| request.headers['x-app-name'] }
  end

  test 'a line that can be mended outweighs one that cannot: the chunk is not given up yet' do
    server = server { |request| request.headers['x-app-name'] == 'x' ? 400 : 503 }
    courier = courier(by_app(server))
    assert_raise(RetryableError) { deliver(courier, [line('x', 'a'), line('y', 'b')]) }
  end

  test 'lines whose app has no possible name are refused here, the others delivered' do
    server = server()
    error = assert_raise(RefusedError) { deliver(courier(by_app(server)), [line("x\r\nA: b", 'a'), line('y', 'b')]) }
    assert_include error.message, 'application name'
    assert_equal [['b']], server.received.map(&:messages)
  end

  test 'reasons in encodings that do not match are told in one text' do
    server = server { [503, {}, "caf\u00e9 \xFF"] }
    records = [line("n\u00e4me", 'a'), line("b\xFFd".b, 'b'), line('y', 'c')]
    error = assert_raise(RetryableError) { deliver(courier(by_app(server)), records) }
    assert_include error.message, "caf\u00e9"
    server = server()
    error = assert_raise(RefusedError) { deliver(courier(by_app(server)), records) }
    assert_true error.message.valid_encoding?
    assert_equal [['c']], server.received.map(&:messages)
  end

  test 'a pod with a wrong address or secret does not hold up the others' do
    server = server()
    pods = [{ 'barito.produceUrl' => 'nonsense', 'barito.applicationSecret' => 's' },
            { 'barito.produceUrl' => server.url, 'barito.applicationSecret' => "s\n" },
            { 'barito.produceUrl' => server.url, 'barito.applicationSecret' => 's' }, {}]
    records = pods.map.with_index { |pod, i| { 'message' => i.to_s, 'kubernetes' => { 'annotations' => pod } } }
    assert_raise(RefusedError) { deliver(courier(Destinations::ByAnnotations.new), records) }
    assert_equal [['2']], server.received.map(&:messages)
  end

  test 'records of pods that take no part are counted, and keep no place from the others' do
    server = server()
    pod = { 'kubernetes' => { 'annotations' => { 'barito.produceUrl' => server.url,
                                                 'barito.applicationSecret' => 's' } } }
    assert_equal 2, deliver(courier(Destinations::ByAnnotations.new), [{}, pod.merge('message' => 'a'), {}])
    assert_match(/\.1\.1\z/, server.received.first.batch)
  end

  test 'a server that is gone is asked once in a try, however many apps there are' do
    server = server { :hang_up }
    assert_raise(RetryableError) { deliver(courier(by_app(server)), [line('x', 'a'), line('y', 'b')]) }
    assert_equal 1, server.received.size
  end

  test 'after a refusal the rest of the app waits, so that its lines keep their order' do
    answers = [503, 200, 200]
    server = server { answers.shift }
    courier = courier(fixed(server), max_lines: 1)
    assert_raise(RetryableError) { deliver(courier, lines('a', 'b')) }
    deliver(courier, lines('a', 'b'))
    assert_equal [['a'], ['a'], ['b']], server.received.map(&:messages)
  end

  test 'a refused secret is read again from its file' do
    Dir.mktmpdir do |folder|
      path = File.join(folder, 'secret')
      File.write(path, 'old-1')
      server = server { |request| request.headers['x-app-secret'] == 'new-2' ? 200 : 401 }
      courier = courier(fixed(server, app_secret: Secret.new(path: path)))
      assert_raise(RetryableError) { deliver(courier, lines('a')) }
      moment = File.stat(path).mtime
      File.write(path, 'new-2')
      File.utime(moment, moment, path)
      deliver(courier, lines('a'))
      assert_equal 2, server.received.size
    end
  end

  test 'a secret whose file is missing makes the lines wait' do
    server = server()
    courier = courier(fixed(server, app_secret: Secret.new(path: '/nowhere/secret')))
    assert_raise(RetryableError) { deliver(courier, lines('a')) }
    assert_equal [], server.received
  end

  test 'lines of a refused app are given up only after the time that was allowed' do
    server = server { 403 }
    moment = Time.at(Barito::MOMENT / 1_000_000)
    late = courier(fixed(server), give_up_after: 600, clock: -> { moment + 700 })
    early = courier(fixed(server), give_up_after: 600, clock: -> { moment + 500 })
    never = courier(fixed(server), clock: -> { moment + 1_000_000 })
    assert_raise(RefusedError) { deliver(late, lines('a')) }
    assert_raise(RetryableError) { deliver(early, lines('a')) }
    assert_raise(RetryableError) { deliver(never, lines('a')) }
  end

  test 'a server that asks for a pause gets it' do
    answers = [[429, { 'Retry-After' => '1' }], 200]
    server = server { answers.shift }
    courier = courier(fixed(server))
    assert_raise(RetryableError) { deliver(courier, lines('a')) }
    begun = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    deliver(courier, lines('a'))
    assert_operator Process.clock_gettime(Process::CLOCK_MONOTONIC) - begun, :>, 0.8
  end

  test 'who shuts down does not wait for the pause' do
    answers = [[429, { 'Retry-After' => '60' }], 200]
    server = server { answers.shift }
    courier = courier(fixed(server))
    assert_raise(RetryableError) { deliver(courier, lines('a')) }
    waiting = Thread.new { deliver(courier, lines('a')) }
    courier.hurry
    assert_not_nil waiting.join(10), 'it still waits'
    assert_equal 2, server.received.size
  end

  test 'an app that must pause does not hold up another' do
    server = server { |request| request.headers['x-app-name'] == 'x' ? [429, { 'Retry-After' => '60' }] : 200 }
    courier = courier(by_app(server))
    assert_raise(RetryableError) { deliver(courier, [line('x', 'a')]) }
    other = BatchName.new([Barito::MOMENT << 12, 1, 1].pack('Q>NN'))
    waiting = Thread.new { deliver(courier, [line('x', 'b'), line('y', 'c')], name: other) }
    waiting.report_on_exception = false
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 10
    Thread.pass until server.received.size == 2 || Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
    assert_equal [['a'], ['c']], server.received.map(&:messages)
    courier.hurry
    assert_raise(RetryableError) { waiting.join(10) }
  end
end
