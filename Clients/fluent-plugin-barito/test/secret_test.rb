# frozen_string_literal: true

require_relative 'helper'

class SecretTest < Test::Unit::TestCase
  include Fluent::Plugin::Barito

  def in_file(content)
    Dir.mktmpdir do |folder|
      path = File.join(folder, 'secret')
      File.write(path, content) if content
      yield Secret.new(path: path), path
    end
  end

  test 'a file is read without the line break at its end' do
    in_file("abc123\n") { |secret, _| assert_equal 'abc123', secret.value }
  end

  test 'a changed file is read again' do
    in_file('first') do |secret, path|
      secret.value
      File.write("#{path}.new", 'other')
      File.rename("#{path}.new", path)
      assert_equal 'other', secret.value
    end
  end

  test 'a file that looks unchanged is read again when the secret was refused' do
    in_file('first') do |secret, path|
      secret.value
      before = File.stat(path).mtime
      File.write(path, 'other')
      File.utime(before, before, path)
      assert_equal 'first', secret.value
      secret.doubt
      assert_equal 'other', secret.value
    end
  end

  test 'a file that is gone or empty leaves the last value in use' do
    in_file('first') do |secret, path|
      secret.value
      File.delete(path)
      assert_equal 'first', secret.value
      File.write(path, "\n")
      assert_equal 'first', secret.value
    end
  end

  test 'a file that was never there makes the lines wait' do
    in_file(nil) do |secret, path|
      error = assert_raise(RetryableError) { secret.value }
      assert_include error.message, path
      File.write(path, 'late')
      assert_equal 'late', secret.value
    end
  end

  test 'what would break a header is refused without showing it' do
    error = assert_raise(ParameterError) { Secret.new(text: "hidden\r\nX-Other: 1") }
    assert_not_include error.message, 'hidden'
    in_file("hid\nden") do |secret, _|
      assert_not_include assert_raise(RetryableError) { secret.value }.message, 'den'
    end
  end

  test 'the text wins over the file, and neither is no secret' do
    assert_equal 'a', Secret.from('a', '/nowhere').value
    assert_equal '/nowhere', Secret.from('', '/nowhere').path
    assert_nil Secret.from(nil, '')
  end

  test 'it does not show itself' do
    assert_not_include "#{Secret.new(text: 'hidden')} #{Secret.new(text: 'hidden').inspect}", 'hidden'
  end
end
