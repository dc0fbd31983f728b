# frozen_string_literal: true

require_relative 'target'

module Fluent
  module Plugin
    module Barito
      # Ways of finding a record's target. Each answers a Target, or nil for a record that is not meant for Barito.
      module Destinations
        # The targets that were met lately, so that each is made once. A few at any one time; records that each name a
        # new one must not fill the memory.
        class Known
          LIMIT = 10_000

          def initialize
            @targets = {}
            @mutex = Mutex.new
          end

          def fetch(key)
            found = @mutex.synchronize { @targets[key] }
            return found if found

            made = yield
            @mutex.synchronize do
              @targets.clear if @targets.size >= LIMIT
              @targets[key] ||= made
            end
          end
        end

        # All records go to one app.
        class Fixed
          def initialize(target)
            @target = target
          end

          def of(_record)
            @target
          end
        end

        # The app's name is made of the record: ${record["kubernetes"]["labels"]["app"]}.
        class ByName
          PLACEHOLDER = /\$\{record((?:\["[^"]*"\])+)\}/.freeze

          # fallback:: the name where a placeholder names nothing; nil lets it vanish, as the first plugin did.
          def initialize(url:, group_secret:, format:, fallback: nil)
            @url = url
            @group_secret = group_secret
            @format = format
            @fallback = fallback
            @known = Known.new
          end

          def of(record)
            name = name_of(record)
            @known.fetch(name) { Target.new(url: @url, group_secret: @group_secret, app_name: name) }
          end

          private

          def name_of(record)
            missing = false
            name = @format.gsub(PLACEHOLDER) do
              value = nested(record, Regexp.last_match(1).scan(/\["([^"]*)"\]/).flatten)
              missing = true if value.to_s.empty?
              value.to_s
            end
            missing && @fallback ? @fallback : name
          end

          def nested(record, keys)
            keys.reduce(record) { |found, key| found.is_a?(Hash) ? found[key] : nil }
          end
        end

        # The pod's annotations say whose lines they are; a pod without them takes no part, unless there is a fallback.
        class ByAnnotations
          APP_SECRET = 'barito.applicationSecret'
          GROUP_SECRET = 'barito.applicationGroupSecret'
          APP_NAME = 'barito.applicationName'
          PRODUCE_URL = 'barito.produceUrl'

          # url:: where a pod does not name one; may be nil.
          # fallback:: another destination for pods that say nothing; may be nil.
          def initialize(url: nil, fallback: nil)
            @url = url
            @fallback = fallback
            @known = Known.new
          end

          def of(record)
            kubernetes = record['kubernetes']
            annotations = kubernetes['annotations'] if kubernetes.is_a?(Hash)
            named(annotations) || @fallback&.of(record)
          end

          private

          def named(annotations)
            return unless annotations.is_a?(Hash)

            @known.fetch(annotations.values_at(APP_SECRET, GROUP_SECRET, APP_NAME, PRODUCE_URL)) { target(annotations) }
          end

          def target(annotations)
            url = annotations[PRODUCE_URL] ? Endpoint.of(annotations[PRODUCE_URL]) : @url
            return unless url

            if (secret = Secret.from(annotations[APP_SECRET], nil))
              Target.new(url: url, app_secret: secret)
            elsif annotations[APP_NAME] && (secret = Secret.from(annotations[GROUP_SECRET], nil))
              Target.new(url: url, group_secret: secret, app_name: annotations[APP_NAME])
            end
          end
        end
      end
    end
  end
end
