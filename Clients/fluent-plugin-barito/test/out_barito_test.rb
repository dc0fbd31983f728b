# frozen_string_literal: true

require_relative 'helper'

# fluentd is no package of Debian's: these tests run where it is installed, or where FLUENTD_SOURCE names its source.
module Fluentd
  def self.missing
    source = ENV.fetch('FLUENTD_SOURCE', nil)
    $LOAD_PATH.unshift(File.join(source, 'lib')) if source
    require 'fluent/version'
    require 'fluent/test'
    require 'fluent/test/driver/output'
    require 'fluent/plugin/buf_file'
    # fluentd's test helper looks for tests of its own to run as well.
    Test::Unit::AutoRunner.need_auto_run = true
    Dir[File.expand_path('../lib/fluent/plugin/out_*.rb', __dir__)].sort.each { |path| require path }
    nil
  rescue LoadError => e
    "fluentd is not there (#{e.message}): install it, or set FLUENTD_SOURCE to its source"
  end

  MISSING = missing
end

if Fluentd::MISSING
  puts "The tests with fluentd are left out: #{Fluentd::MISSING}"
  return
end

class OutBaritoTest < Test::Unit::TestCase
  TYPES = {
    'barito' => nil, 'barito_vm' => false, 'barito_batch_vm' => false, 'barito_k8s' => true, 'barito_batch_k8s' => true,
    'barito_dynamic_app_batch_k8s' => true
  }.freeze

  def setup
    Fluent::Test.setup
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

  def driver(config, type: 'barito')
    Fluent::Test::Driver::Output.new(Fluent::Plugin.new_output(type).class).configure(config)
  end

  def config(server, more = '')
    "application_secret the-secret\nproduce_url #{server.url('/produce')}\n#{more}"
  end

  def ship(driver, *records, time: Fluent::EventTime.new(1_795_342_530, 123_456_789), **how)
    driver.run(default_tag: 'app.log', **how) { records.each { |record| driver.feed(time, record) } }
  end

  test 'a line arrives with the time of its event and the name of its chunk' do
    server = server()
    ship(driver(config(server)), { 'message' => 'a' })
    request = server.received.first
    assert_equal '/produce_batch', request.path
    assert_equal ['2026-11-22T10:15:30.123Z', 'app.log', 'a'],
                 request.items.first.values_at('@timestamp', 'tag', '@message')
    assert_match(/\A\h{32}\.0\.1\z/, request.batch)
    assert_in_delta Time.now, Time.iso8601(request.headers['x-barito-batch-time']), 60
  end

  test 'the names of the first plugin are known, and write what it wrote' do
    record = { 'message' => 'a', 'extra' => 1, 'kubernetes' => { 'pod_name' => 'p', 'labels' => { 'app' => 'card' } } }
    TYPES.each do |type, kubernetes|
      server = server()
      more = type.include?('dynamic') ? "application_group_secret g\napplication_name_format x\n" : ''
      ship(driver(config(server, more), type: type), record)
      item = server.received.first.items.first
      assert_equal kubernetes.nil? ? true : kubernetes, item['client_trail']['is_k8s'], type
      assert_equal type == 'barito' ? 1 : nil, item['extra'], type
    end
  end

  test "the first plugin's configuration for several apps works as it is" do
    server = server()
    driver = driver(<<~CONFIG, type: 'barito_dynamic_app_batch_k8s')
      application_group_secret g
      application_name_format x-${record["kubernetes"]["labels"]["app"]}
      produce_url #{server.url}
      cluster_name east
      additional_labels {"rack": "7"}
      buffer_type memory
      flush_interval 1s
    CONFIG
    ship(driver, { 'message' => 'a', 'kubernetes' => { 'pod_name' => 'p', 'labels' => { 'app' => 'card' } } })
    request = server.received.first
    assert_equal %w[g x-card], request.headers.values_at('x-app-group-secret', 'x-app-name')
    assert_equal({ 'pod_name' => 'p', 'cluster_name' => 'east' }, request.items.first['k8s_metadata'])
    assert_equal '7', request.items.first['client_trail']['rack']
  end

  test 'an error makes fluentd send the chunk again, under the same name' do
    answers = [503, :hang_up, 401, 200]
    server = server { answers.shift || 200 }
    buffer = "<buffer>\n retry_wait 0.1\n retry_max_interval 0.1\n flush_interval 0.1\n</buffer>"
    driver = driver(config(server, buffer))
    driver.end_if { server.received.size >= 4 }
    ship(driver, { 'message' => 'a' }, force_flush_retry: true)
    assert_equal 1, server.received.first(4).map { |request| [request.batch, request.raw] }.uniq.size
  end

  test 'what Barito never takes goes to the backup folder and not to nowhere' do
    Dir.mktmpdir do |folder|
      server = server { Barito.problem(400, 'malformed', 'bad') }
      Fluent::Test.setup
      system = Fluent::SystemConfig.overwrite_system_config('root_dir' => folder) do
        ship(driver(config(server, '@id out')), { 'message' => 'precious' })
        true
      end
      assert_true system
      kept = Dir[File.join(folder, 'backup/**/*.log')]
      assert_equal 1, kept.size
      assert_include File.binread(kept.first), 'precious'
    end
  end

  test "a chunk keeps its name and its time when fluentd was killed" do
    Dir.mktmpdir do |folder|
      buffer = "<buffer>\n @type file\n path #{folder}/b\n flush_mode interval\n flush_interval 0.1\n" \
               " flush_at_shutdown false\n retry_wait 0.1\n</buffer>"
      answer = 503
      server = server { answer }
      first = driver(config(server, buffer))
      first.end_if { !server.received.empty? }
      ship(first, { 'message' => 'a' }, wait_flush_completion: false, force_flush_retry: true)
      before = server.received.last
      # What a crash between fluentd's two renames leaves behind.
      Dir[File.join(folder, '*.meta')].each { |path| File.delete(path) }
      answer = 200
      second = driver(config(server, buffer))
      count = server.received.size
      second.end_if { server.received.size > count }
      ship(second, wait_flush_completion: false)
      after = server.received.last
      assert_equal [before.batch, before.raw], [after.batch, after.raw]
      assert_equal before.headers['x-barito-batch-time'], after.headers['x-barito-batch-time']
    end
  end

  test 'nothing is lost by default: retries go on for ever, and the buffer is sent at the end' do
    instance = driver(config(server)).instance
    assert_true instance.buffer_config.retry_forever
    assert_true instance.buffer_config.flush_at_shutdown
    assert_true instance.multi_workers_ready?
  end

  test 'who limits the retries gets that, with a warning' do
    driver = driver(config(server, "<buffer>\n retry_max_times 0\n overflow_action drop_oldest_chunk\n" \
                                   " disable_chunk_backup true\n</buffer>"))
    assert_false driver.instance.buffer_config.retry_forever
    warnings = driver.logs.grep(/dropped/)
    assert_equal 3, warnings.size
  end

  test 'a configuration that cannot send anything does not start' do
    ['', "produce_url http://r\n", "produce_url http://r\napplication_group_secret g\n",
     "produce_url nonsense\napplication_secret s\n", "produce_url http://r\napplication_secret \"a b\"\n",
     "produce_url https://r\napplication_secret s\ntls_ca_cert_path /nowhere\n", "application_secret s\n",
     "produce_url https://r\napplication_secret s\ntls_client_cert_path #{__FILE__}\n"].each do |text|
      assert_raise(Fluent::ConfigError, text) { driver(text) }
    end
  end

  test 'no secret is written to the log' do
    answers = [401, 200]
    server = server { answers.shift || 200 }
    driver = driver(config(server, "application_group_secret other-secret\n<buffer>\n retry_wait 0.1\n</buffer>"))
    driver.end_if { server.received.size >= 2 }
    ship(driver, { 'message' => 'a' }, force_flush_retry: true)
    assert_match(/401 the secret is not accepted/, driver.logs.join)
    assert_not_match(/(the|other)-secret/, driver.logs.join)
  end
end
