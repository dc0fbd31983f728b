# frozen_string_literal: true

require_relative 'out_barito'

module Fluent
  module Plugin
    # The first plugin's barito_batch_vm: lines of machines.
    class BaritoBatchVMOutput < BaritoOutput
      Fluent::Plugin.register_output('barito_batch_vm', self)

      config_set_default :kubernetes, false
      config_set_default :keep_fields, false
    end
  end
end
