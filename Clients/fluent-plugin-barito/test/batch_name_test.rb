# frozen_string_literal: true

require_relative 'helper'

class BatchNameTest < Test::Unit::TestCase
  BatchName = Fluent::Plugin::Barito::BatchName

  test "a batch's time is the one in the chunk's id" do
    name = Barito.name
    assert_equal '2026-11-22T10:15:30.123Z', name.time
    assert_equal '2026-11-22T10:15:30Z', name.sent_at
  end

  test "an id of another make falls back to the chunk's creation" do
    name = BatchName.new('short', created_at: Time.at(1_700_000_000, 250_000))
    assert_equal '2023-11-14T22:13:20.250Z', name.time
  end

  test 'an id whose first bytes are no time falls back to the creation' do
    assert_equal '2023-11-14T22:13:20.000Z', BatchName.new("\0" * 16, created_at: Time.at(1_700_000_000)).time
  end

  test "a name holds the chunk's id, the first record and their number" do
    assert_equal "#{Barito::ID.unpack1('H*')}.3.4", Barito.name.of([3, 4, 5, 6])
  end

  test 'records with gaps have another name than those without' do
    name = Barito.name
    names = [[0, 1, 2], [0, 1, 3], [0, 2, 3], [0, 1], [1, 2, 3]].map { |places| name.of(places) }
    assert_equal names.uniq, names
  end

  test 'the same places have the same name in every process' do
    assert_equal "#{Barito::ID.unpack1('H*')}.0.2.cd04a4754498e06d", Barito.name.of([0, 2])
  end

  test 'two chunks never share a name' do
    other = BatchName.new([Barito::MOMENT << 12 | 0xabc, 1, 3].pack('Q>NN'))
    assert_not_equal Barito.name.of([0]), other.of([0])
  end

  test "a name is what the Router takes: 1 to 128 characters of its alphabet" do
    [[0], [4_294_967_294, 4_294_967_295], [1_000_000_000, 4_294_967_295]].each do |places|
      assert_match(/\A[A-Za-z0-9._:-]{1,128}\z/, Barito.name.of(places))
    end
  end
end
