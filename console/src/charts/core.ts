// SPDX-License-Identifier: Apache-2.0
// The parts of ECharts that are used; nothing else is bundled.
import { BarChart, GraphChart, HeatmapChart, LineChart, PieChart } from 'echarts/charts';
import {
  BrushComponent, GridComponent, LegendComponent, MarkAreaComponent, TooltipComponent, VisualMapComponent,
} from 'echarts/components';
import { LabelLayout } from 'echarts/features';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

echarts.use([
  BarChart, GraphChart, HeatmapChart, LineChart, PieChart, BrushComponent, GridComponent,
  LegendComponent, MarkAreaComponent, TooltipComponent, VisualMapComponent,
  LabelLayout, CanvasRenderer,
]);

export { echarts };
