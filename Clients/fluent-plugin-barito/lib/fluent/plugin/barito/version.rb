# frozen_string_literal: true

module Fluent
  module Plugin
    module Barito
      VERSION = '1.0.0'
    end
  end
end
