# frozen_string_literal: true

require_relative 'helper'

class AnswerTest < Test::Unit::TestCase
  include Fluent::Plugin::Barito

  NOW = Time.utc(2026, 11, 22, 10, 15, 30)

  def answer(status, headers = {}, body = '')
    Answer.of(status, headers, body, now: NOW)
  end

  test 'only a success is a delivery, and only a bad body is given up' do
    expected = {
      delivered: [200, 201, 202, 204], split: [413], refused: [400, 422],
      retry: [301, 302, 307, 401, 403, 404, 405, 408, 411, 415, 429, 500, 502, 503, 504, 507]
    }
    expected.each { |kind, all| all.each { |status| assert_equal kind, answer(status).kind, status.to_s } }
  end

  test "the problem's code and detail are told" do
    body = '{"code":"limit","detail":"App a may send 5 lines\n a second."}'
    assert_equal 'limit: App a may send 5 lines  a second.', answer(429, {}, body).detail
  end

  test 'an answer that is no problem document is told in short' do
    assert_equal 'Bad Gateway ? x', answer(502, {}, "Bad Gateway \xFF\n\tx").detail
    assert_equal 200, answer(500, {}, 'x' * 10_000).detail.size
    assert_equal 'null', answer(500, {}, 'null').detail
  end

  test 'a refused secret and a wrong place have a hint' do
    assert_include answer(401).detail, 'secret'
    assert_include answer(404).detail, 'produce_url'
  end

  test 'a redirect is named, without what may be secret in it' do
    detail = answer(308, { 'location' => 'https://u:p@other.example.com/x?token=1' }).detail
    assert_include detail, 'https://other.example.com/x,'
    assert_include detail, 'produce_url'
    assert_not_include detail, 'token'
  end

  test 'the wait is read in both forms, and has a bound' do
    { '7' => 7, '0' => 0, '86400' => 60, '-5' => nil, 'soon' => nil, '' => nil, nil => nil,
      'Sun, 22 Nov 2026 10:15:42 GMT' => 12, 'Sun, 22 Nov 2026 10:00:00 GMT' => 0 }.each do |header, seconds|
      assert_equal seconds, answer(429, { 'retry-after' => header }).wait, header.inspect
    end
  end
end
