# frozen_string_literal: true

module Fluent
  module Plugin
    module Barito
      # Lines of one target that are posted together.
      #
      # places:: where in the chunk each stands, ascending.
      # items:: their timbers as JSON.
      Batch = Struct.new(:target, :places, :items) do
        def size
          items.size
        end

        def body
          "{\"items\":[#{items.join(',')}]}"
        end

        # Both halves, for a server that finds the whole too large.
        def halves
          middle = size / 2
          [0...middle, middle...size].map { |part| Batch.new(target, places[part], items[part]) }
        end
      end

      # Puts the records of a chunk into batches by target, none larger than it may be.
      #
      # Where a batch ends depends on the records alone and not on the sender's name or labels: a restart elsewhere must
      # cut the same chunk in the same places.
      class Packer
        def initialize(max_lines:, max_bytes:)
          @max_lines = max_lines
          @max_bytes = max_bytes
          @open = {}
          @bytes = Hash.new(0)
        end

        # Takes a record in, and answers a batch that is full without it, or nil.
        #
        # weight:: bytes of the record's own part of the timber.
        def add(target, place, item, weight)
          full = close(target) if full?(target, weight)
          batch = @open[target] ||= Batch.new(target, [], [])
          batch.places << place
          batch.items << item
          @bytes[target] += weight
          full
        end

        # The batches that are not full, in the order of their first records.
        def rest
          @open.keys.map { |target| close(target) }
        end

        private

        def full?(target, weight)
          batch = @open[target]
          batch && (batch.size >= @max_lines || @bytes[target] + weight > @max_bytes)
        end

        def close(target)
          @bytes.delete(target)
          @open.delete(target)
        end
      end
    end
  end
end
