# frozen_string_literal: true

require_relative 'errors'
require_relative 'packer'
require_relative 'patience'
require_relative 'progress'
require_relative 'timber'
require_relative 'transport'

module Fluent
  module Plugin
    module Barito
      # Takes the records of a chunk to Barito: all of them, or an error that says which were not taken and why.
      class Courier
        # destinations:: see Destinations.
        # labels:: go into every client_trail.
        # give_up_after:: seconds after which lines of an app whose secret, name or state is refused (401, 403, 404) are
        #                 given to <secondary> or the backup folder; nil for never.
        def initialize(destinations:, timber:, transport:, labels: {}, max_lines: 10_000, max_bytes: 8 * 1024 * 1024,
                       give_up_after: nil, clock: -> { Time.now })
          @destinations = destinations
          @timber = timber
          @transport = transport
          @labels = labels
          @limits = { max_lines: max_lines, max_bytes: max_bytes }
          @give_up_after = give_up_after
          @clock = clock
          @patience = Patience.new
          @progress = Progress.new
        end

        # Yields a block to call with tag, time and record for each record of the chunk, in its order.
        # Answers how many records were not meant for Barito.
        # Raises RetryableError while lines are not safe, RefusedError when some never will be.
        def deliver(name)
          run = Run.new(name)
          packer = Packer.new(**@limits)
          trail = Trail.new(name.sent_at, labels: @labels)
          skipped = 0
          place = -1
          yield(lambda do |tag, time, record|
            place += 1
            target = target_of(record, run)
            next skipped += 1 if target.nil?
            next if target == :refused

            encoded = @timber.encode(tag, time, record)
            full = packer.add(target, place, trail.complete(encoded), encoded.json.bytesize)
            post(full, run) if full
          end)
          packer.rest.each { |batch| post(batch, run) }
          run.held.each { |batch| post_later(batch, run) }
          finish(run)
          skipped
        end

        # Lets who waits for a server's Retry-After try at once; fluentd stops.
        def hurry
          @patience.stop
        end

        def close
          @transport.close
        end

        # One try for one chunk.
        #
        # waiting, refused:: why, by who they are.
        # held:: batches that a server wants later; they come last, so that they hold up nobody.
        Run = Struct.new(:name, :waiting, :refused, :held) do
          def initialize(name)
            super(name, {}, {}, [])
          end
        end
        private_constant :Run

        private

        def target_of(record, run)
          target = @destinations.of(record.is_a?(Hash) ? record : {})
          return target unless (fault = target&.fault)

          run.refused[target] = fault
          :refused
        rescue ParameterError => e
          run.refused[e.message] = 'its pod names it so'
          :refused
        end

        def post(batch, run)
          target = batch.target
          id = run.name.of(batch.places)
          # The rest of a target waits with what failed, so that its lines keep their order; others go on.
          return if run.waiting[target] || run.waiting[origin(target)] || @progress.delivered?(run.name.chunk, id)

          return run.held << batch if @patience.left(target).positive?

          act(exchange(batch, id, run), batch, id, run)
        rescue Transport::Unreachable => e
          run.waiting[origin(target)] = e.message
        rescue RetryableError => e
          run.waiting[target] = e.message
        end

        def post_later(batch, run)
          @patience.wait(batch.target)
          post(batch, run)
        end

        def exchange(batch, id, run)
          credentials = batch.target.credentials
          headers = credentials.merge('X-Barito-Batch-Id' => id, 'X-Barito-Batch-Time' => run.name.time)
          answer = @transport.post(batch.target.url, headers, batch.body)
          secret = credentials.values.first
          answer.detail = answer.detail.gsub(secret, '[secret]') if answer.detail
          answer
        end

        def act(answer, batch, id, run)
          target = batch.target
          case answer.kind
          when :delivered then @progress.note(run.name.chunk, id)
          when :split
            return run.refused[target] = told(answer) if batch.size == 1

            batch.halves.each { |half| post(half, run) }
          when :refused then run.refused[target] = told(answer)
          else
            return run.refused[target] = told(answer) if too_late?(answer, run)

            target.doubt_secret if [401, 403].include?(answer.status)
            @patience.hold(target, answer.wait)
            run.waiting[target] = told(answer)
          end
        end

        def too_late?(answer, run)
          @give_up_after && [401, 403, 404].include?(answer.status) &&
            @clock.call.to_f - run.name.microseconds / 1e6 > @give_up_after
        end

        def told(answer)
          "#{answer.status} #{answer.detail}".strip
        end

        def origin(target)
          [target.url.scheme, target.url.hostname, target.url.port]
        end

        # Without a backtrace: fluentd would log it with every try, and it says nothing that the message does not.
        def finish(run)
          chunk = run.name.chunk
          unless run.waiting.empty?
            raise RetryableError, "not all lines of chunk #{chunk} are safe in Barito yet, they are sent again: " \
                                  "#{list(run.waiting)}", []
          end
          @progress.forget(chunk)
          return if run.refused.empty?

          raise RefusedError, "Barito never takes some lines of chunk #{chunk} as they are, all others were " \
                              "delivered: #{list(run.refused)}", []
        end

        def list(reasons)
          # Names come from records and reasons from servers and systems, in encodings that may not meet in one text:
          # that would be an EncodingError, for which fluentd gives the chunk up.
          shown = reasons.first(5).map do |who, why|
            who.is_a?(Array) ? Timber.text(why) : "#{Timber.text(who.to_s)}: #{Timber.text(why)}"
          end
          shown << "and #{reasons.size - 5} more" if reasons.size > 5
          shown.join('; ')
        end
      end
    end
  end
end
