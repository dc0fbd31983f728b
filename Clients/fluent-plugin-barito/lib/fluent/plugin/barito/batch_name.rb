# frozen_string_literal: true

require 'digest'

module Fluent
  module Plugin
    module Barito
      # How the batches of a chunk are named (X-Barito-Batch-Id, X-Barito-Batch-Time), so that sending them again makes
      # no duplicates.
      #
      # Barito makes a document's id from the batch's name, its time and the line's place in the batch. A name therefore
      # says which records of the chunk stand at which places, and nothing else: the same name always means the same
      # lines, whatever was restarted or configured between two tries.
      class BatchName
        # 2000-01-01 in microseconds: what is earlier is no time.
        EARLIEST = 946_684_800_000_000

        # The chunk's id, in hexadecimal.
        attr_reader :chunk
        # Microseconds since 1970.
        attr_reader :microseconds

        # unique_id:: of the chunk, as fluentd has it: 16 bytes, of which the first 52 bits are microseconds.
        # created_at:: a Time, for ids of another make.
        #
        # A chunk's created_at is not taken where it can be avoided: fluentd writes it next to the chunk and falls back
        # to the file's own times when that is missing, while the id is in the file's name.
        def initialize(unique_id, created_at: nil)
          @chunk = unique_id.unpack1('H*')
          encoded = unique_id.bytesize == 16 ? unique_id.unpack1('Q>') >> 12 : 0
          @microseconds = encoded >= EARLIEST ? encoded : microseconds_of(created_at || Time.at(EARLIEST / 1_000_000))
        end

        # The name of the batch that holds the records at these places of the chunk, ascending.
        # At most 32 + 11 + 11 + 17 characters for a chunk of fluentd's.
        def of(places)
          first = places.first
          name = "#{@chunk}.#{first}.#{places.size}"
          return name if places.last - first + 1 == places.size

          "#{name}.#{Digest::SHA256.hexdigest(places.pack('L>*'))[0, 16]}"
        end

        # RFC 3339 with milliseconds, UTC.
        def time
          moment.strftime('%Y-%m-%dT%H:%M:%S.%LZ')
        end

        # The same in whole seconds, as the first plugin wrote sent_at.
        def sent_at
          moment.strftime('%Y-%m-%dT%H:%M:%SZ')
        end

        private

        def moment
          Time.at(@microseconds / 1_000_000, @microseconds % 1_000_000, :microsecond).utc
        end

        def microseconds_of(time)
          time.to_i * 1_000_000 + time.usec
        end
      end
    end
  end
end
