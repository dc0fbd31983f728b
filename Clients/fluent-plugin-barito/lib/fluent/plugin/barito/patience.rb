# frozen_string_literal: true

module Fluent
  module Plugin
    module Barito
      # Remembers until when a server asked not to be sent more lines of a target (Retry-After).
      #
      # fluentd's own pause between retries knows nothing of that: a flush that comes too early waits here.
      class Patience
        def initialize(clock: -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) })
          @clock = clock
          @until = {}
          @mutex = Mutex.new
          @changed = ConditionVariable.new
          @stopped = false
        end

        def hold(target, seconds)
          @mutex.synchronize { @until[target] = @clock.call + seconds } if seconds&.positive?
        end

        # Seconds that are left.
        def left(target)
          @mutex.synchronize { remaining(target) }
        end

        # Returns when the target may be sent to again, or at once after stop: who shuts down has one try left.
        def wait(target)
          @mutex.synchronize do
            while !@stopped && (seconds = remaining(target)).positive?
              @changed.wait(@mutex, seconds)
            end
            @until.delete(target)
          end
        end

        def stop
          @mutex.synchronize do
            @stopped = true
            @changed.broadcast
          end
        end

        private

        def remaining(target)
          [(@until[target] || 0) - @clock.call, 0].max
        end
      end
    end
  end
end
