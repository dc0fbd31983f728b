# frozen_string_literal: true

module Fluent
  module Plugin
    module Barito
      # Which batches of a chunk were delivered in an earlier try, so that a retry sends the others only.
      #
      # It saves work and no more: after a restart all of a chunk is sent, and Barito knows its lines by their names.
      class Progress
        CHUNKS = 1000

        def initialize
          @delivered = {}
          @mutex = Mutex.new
        end

        def delivered?(chunk, name)
          @mutex.synchronize { @delivered[chunk]&.include?(name) || false }
        end

        def note(chunk, name)
          @mutex.synchronize do
            @delivered.shift if !@delivered.key?(chunk) && @delivered.size >= CHUNKS
            (@delivered[chunk] ||= {})[name] = true
          end
        end

        def forget(chunk)
          @mutex.synchronize { @delivered.delete(chunk) }
        end
      end
    end
  end
end
