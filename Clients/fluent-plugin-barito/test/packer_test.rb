# frozen_string_literal: true

require_relative 'helper'

class PackerTest < Test::Unit::TestCase
  Packer = Fluent::Plugin::Barito::Packer
  Batch = Fluent::Plugin::Barito::Batch

  def pack(records, max_lines: 100, max_bytes: 1000)
    packer = Packer.new(max_lines: max_lines, max_bytes: max_bytes)
    full = records.each_with_index.map { |(target, weight), place| packer.add(target, place, "i#{place}", weight) }
    (full.compact + packer.rest).map { |batch| [batch.target, batch.places] }
  end

  test 'every record is in one batch, in its order' do
    assert_equal [[:a, [0, 2]], [:b, [1, 3]]], pack([[:a, 1], [:b, 1], [:a, 1], [:b, 1]])
  end

  test 'a batch ends at its number of lines' do
    assert_equal [[:a, [0, 1]], [:a, [2, 3]], [:a, [4]]], pack([[:a, 1]] * 5, max_lines: 2)
  end

  test 'a batch ends before it has too many bytes, and a large record goes alone' do
    assert_equal [[:a, [0, 1]], [:a, [2]], [:a, [3]]], pack([[:a, 4], [:a, 6], [:a, 99], [:a, 1]], max_bytes: 10)
  end

  test 'halves hold all lines once' do
    batch = Batch.new(:a, [1, 4, 5], %w[x y z])
    assert_equal [[[1], ['x']], [[4, 5], %w[y z]]], batch.halves.map { |half| [half.places, half.items] }
  end

  test 'the body is what /produce_batch takes' do
    assert_equal '{"items":[{"a":1},{"b":2}]}', Batch.new(:a, [0, 1], ['{"a":1}', '{"b":2}']).body
  end
end
