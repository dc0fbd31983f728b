# frozen_string_literal: true

require_relative 'helper'

class DestinationsTest < Test::Unit::TestCase
  include Fluent::Plugin::Barito

  URL = Endpoint.of('https://router.example.com')

  def by_name(format, fallback: nil)
    Destinations::ByName.new(url: URL, group_secret: Barito.secret('group'), format: format, fallback: fallback)
  end

  test 'everything goes to the path for batches' do
    {
      'http://r' => '/produce_batch', 'http://r/' => '/produce_batch', 'http://r/produce' => '/produce_batch',
      'http://r/produce_batch' => '/produce_batch', 'http://r/str/1/produce/topic?a=b' => '/str/1/produce/topic?a=b'
    }.each { |given, path| assert_equal path, Endpoint.of(given).request_uri }
  end

  test 'what is no URL is refused without showing a password in it' do
    ['', 'router:8081', 'ftp://r/produce', 'http://', 'http://u:hidden@exa mple/'].each do |url|
      error = assert_raise(ParameterError) { Endpoint.of(url) }
      assert_not_include error.message, 'hidden'
    end
  end

  test 'the name is made of the record' do
    record = { 'kubernetes' => { 'namespace_name' => 'pay', 'labels' => { 'app.kubernetes.io/name' => 'card' } } }
    format = 'x-${record["kubernetes"]["namespace_name"]}-${record["kubernetes"]["labels"]["app.kubernetes.io/name"]}'
    assert_equal 'x-pay-card', by_name(format).of(record).app_name
  end

  test 'a placeholder that names nothing vanishes, or the fallback is taken' do
    format = 'x-${record["a"]["b"]}'
    [{}, { 'a' => 'text' }, { 'a' => { 'b' => '' } }].each do |record|
      assert_equal 'x-', by_name(format).of(record).app_name
      assert_equal 'other', by_name(format, fallback: 'other').of(record).app_name
    end
  end

  test 'records of one name share their target' do
    destination = by_name('${record["a"]}')
    assert_same destination.of({ 'a' => 'one' }), destination.of({ 'a' => 'one' })
    assert_not_equal destination.of({ 'a' => 'one' }), destination.of({ 'a' => 'two' })
  end

  test 'a name that no app can have is a fault' do
    ['', 'a b', "a\r\nX-Other: 1", 'é', nil, 'a' * 256].each do |name|
      target = Target.new(url: URL, group_secret: Barito.secret, app_name: name)
      assert_not_nil target.fault, name.inspect
    end
    assert_nil Target.new(url: URL, group_secret: Barito.secret, app_name: 'card-1.0_x').fault
  end

  test "a pod's annotations say where its lines go" do
    destination = Destinations::ByAnnotations.new
    own = pod('barito.applicationSecret' => 's1', 'barito.produceUrl' => 'http://r1/produce')
    group = pod('barito.applicationGroupSecret' => 'g', 'barito.applicationName' => 'card',
                'barito.produceUrl' => 'http://r2/produce_batch')
    assert_equal [{ 'X-App-Secret' => 's1' }, 'http://r1/produce_batch'],
                 [destination.of(own).credentials, destination.of(own).url.to_s]
    assert_equal({ 'X-App-Group-Secret' => 'g', 'X-App-Name' => 'card' }, destination.of(group).credentials)
    assert_equal destination.of(own), destination.of(own)
  end

  test 'a pod without annotations takes no part, or goes to the fallback' do
    fallback = Destinations::Fixed.new(:fallback)
    [{}, { 'kubernetes' => 'x' }, pod(nil), pod({}), pod('barito.produceUrl' => 'http://r'),
     pod('barito.applicationSecret' => 's')].each do |record|
      assert_nil Destinations::ByAnnotations.new.of(record)
      assert_equal :fallback, Destinations::ByAnnotations.new(fallback: fallback).of(record)
    end
  end

  test 'a target shows no secret' do
    target = Target.new(url: URL, app_secret: Barito.secret('hidden'))
    assert_not_include "#{target} #{target.inspect} #{[target].inspect}", 'hidden'
  end

  private

  def pod(annotations)
    { 'kubernetes' => { 'annotations' => annotations } }
  end
end
