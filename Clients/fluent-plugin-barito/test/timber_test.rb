# frozen_string_literal: true

require_relative 'helper'

class TimberTest < Test::Unit::TestCase
  Timber = Fluent::Plugin::Barito::Timber
  Trail = Fluent::Plugin::Barito::Trail
  EventTime = Struct.new(:to_i, :nsec)

  def timber(record, tag: 'app.log', time: 1_795_342_530, **options)
    encoded = Timber.new(**options).encode(tag, time, record)
    JSON.parse(Trail.new('2026-11-22T10:15:30Z', hostname: 'host-1').complete(encoded))
  end

  test 'a line of text becomes the timber of the first plugin' do
    assert_equal(
      { 'tag' => 'app.log', '@message' => 'hello', '@timestamp' => '2026-11-22T10:15:30.000Z',
        'client_trail' => { 'is_k8s' => false, 'sent_at' => '2026-11-22T10:15:30Z', 'hints' => [],
                            'hostname' => 'host-1' } },
      timber({ 'message' => 'hello' })
    )
  end

  test 'the keys of a JSON line become fields, and the line stays' do
    line = '{"level":"info","n":12345678901234567890,"@timestamp":"1999","tag":"x"}'
    found = timber({ 'message' => line })
    assert_equal ['info', 12_345_678_901_234_567_890], found.values_at('level', 'n')
    assert_equal line, found['@message']
    assert_equal ['app.log', '2026-11-22T10:15:30.000Z'], found.values_at('tag', '@timestamp')
  end

  test 'JSON that is no object, or is broken, is a line like any other' do
    ['"quoted"', '[1]', '12', '{"a":', '{"a":NaN}', "#{'{"a":' * 200}1#{'}' * 200}"].each do |line|
      found = timber({ 'message' => line })
      assert_equal line, found['@message']
      assert_equal %w[@message @timestamp client_trail tag], found.keys.sort
    end
  end

  test "Docker's field is unpacked as a message is" do
    found = timber({ 'log' => "{\"level\":\"warn\"}\n", 'stream' => 'stdout' })
    assert_equal ['warn', '{"level":"warn"}', 'stdout'], found.values_at('level', '@message', 'stream')
    assert_equal [], found['client_trail']['hints']
    assert_false found.key?('log')
  end

  test 'a message wins over the field of Docker' do
    found = timber({ 'message' => 'a', 'log' => 'b' })
    assert_equal %w[a b], found.values_at('@message', 'log')
  end

  test 'a record without a message is kept whole, with a hint' do
    record = { 'user' => 'ada', 'code' => 7 }
    found = timber(record)
    assert_equal record, JSON.parse(found['@message'])
    assert_equal ['ada', 7, ['no message']], [found['user'], found['code'], found['client_trail']['hints']]
  end

  test 'the other fields of a record are kept, or dropped as the first plugin did' do
    record = { 'message' => '{"level":"inner"}', 'level' => 'outer', 'path' => '/a' }
    assert_equal %w[inner /a], timber(record).values_at('level', 'path')
    assert_equal ['inner', nil], timber(record, keep_fields: false).values_at('level', 'path')
  end

  test 'a message that is an object or a number becomes text' do
    assert_equal ['{"a":1}', 1], timber({ 'message' => { 'a' => 1 } }).values_at('@message', 'a')
    assert_equal '7', timber({ 'message' => 7 })['@message']
  end

  test 'a record of Kubernetes says its pod' do
    record = { 'message' => 'x', 'docker' => { 'container_id' => '1' },
               'kubernetes' => { 'pod_name' => 'p', 'namespace_name' => 'n', 'container_name' => 'c', 'host' => 'h',
                                 'annotations' => { 'barito.applicationSecret' => 'secret' } } }
    found = timber(record, cluster_name: 'east')
    pod = { 'pod_name' => 'p', 'namespace_name' => 'n', 'container_name' => 'c', 'host' => 'h',
            'cluster_name' => 'east' }
    assert_equal [pod, true, nil], [found['k8s_metadata'], found['client_trail']['is_k8s'], found['kubernetes']]
    assert_not_include JSON.generate(found), 'secret'
  end

  test 'a type of Kubernetes takes records without metadata too' do
    found = timber({ 'message' => 'x' }, kubernetes: true, cluster_name: 'east')
    assert_equal [{ 'cluster_name' => 'east' }, true], [found['k8s_metadata'], found['client_trail']['is_k8s']]
  end

  test 'the time is the time of the event, to the millisecond' do
    assert_equal '2026-11-22T10:15:30.987Z', timber({}, time: EventTime.new(1_795_342_530, 987_654_321))['@timestamp']
    assert_equal '2026-11-22T10:15:30.500Z', timber({}, time: 1_795_342_530.5)['@timestamp']
  end

  test 'bytes that are no text, and numbers that are none, lose nothing else of the line' do
    odd = [Float::NAN, Float::INFINITY, :sym, 1.5, nil, true]
    found = timber({ 'message' => "caf\xE9 \xC3\xA9".b, "k\xFF" => odd })
    assert_equal "caf\u{FFFD} \u00e9", found['@message']
    assert_equal ['NaN', 'Infinity', 'sym', 1.5, nil, true], found["k\u{FFFD}"]
  end

  test 'half a surrogate pair and a number beyond all numbers do no harm' do
    half = '{"a":"\ud800x","b":1}'
    assert_equal half, timber({ 'message' => half })['@message']
    assert_equal 'Infinity', timber({ 'message' => '{"b":1e999}' })['b']
  end

  test 'a record nested deeper than JSON usually goes is sent' do
    deep = (1..120).reduce('end') { |inner, _| { 'a' => inner } }
    json = Timber.new.encode('t', 0, { 'message' => 'x', 'deep' => deep }).json
    assert_equal deep, JSON.parse(json, max_nesting: 0)['deep']
  end

  test 'labels join the trail, and a line cannot forge it' do
    encoded = Timber.new.encode('t', 0, { 'message' => '{"client_trail":{"hostname":"forged"}}' })
    found = JSON.parse(Trail.new('now', labels: { 'rack' => '7' }, hostname: 'real').complete(encoded))
    assert_equal %w[real 7], found['client_trail'].values_at('hostname', 'rack')
  end

  test 'the same record gives the same bytes' do
    record = { 'message' => '{"b":1,"a":2}', 'z' => 1, 'y' => { 'q' => 1, 'p' => 2 } }
    one, two = Array.new(2) { Trail.new('now', hostname: 'h').complete(Timber.new.encode('t', 5, record)) }
    assert_equal one, two
  end
end
