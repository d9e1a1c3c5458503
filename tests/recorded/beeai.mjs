// The trip assistant in BeeAI for TypeScript, traced by OpenInference. Told on the command line what `vercel.mjs` is told.
import { trace } from '@opentelemetry/api';
import { Resource } from '@opentelemetry/resources';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { createRequire } from 'node:module';

const { stub, traces, question, model } = JSON.parse(process.argv[2]);
process.env.OPENAI_API_KEY = 'stub';
process.env.OPENAI_API_ENDPOINT = `${stub}/v1`;
process.env.OPENAI_BASE_URL = `${stub}/v1`;

const require = createRequire(import.meta.url); // one copy of the framework for the program and for its instrumentation
const { BeeAIInstrumentation } = require('@arizeai/openinference-instrumentation-beeai');
const framework = require('beeai-framework');
const { ToolCallingAgent } = require('beeai-framework/agents/toolCalling/agent');
const { UnconstrainedMemory } = require('beeai-framework/memory/unconstrainedMemory');
const { OpenAIChatModel } = require('beeai-framework/adapters/openai/backend/chat');
const { DynamicTool, JSONToolOutput } = require('beeai-framework/tools/base');
const { z } = require('zod');

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({
  resource: new Resource({ 'service.name': 'trip-assistant-beeai', 'service.version': '1.0.0', 'telemetry.sdk.language': 'nodejs' }),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
provider.register();
const instrumentation = new BeeAIInstrumentation({ tracerProvider: provider });
instrumentation.manuallyInstrument(framework);

const tool = (name, description, shape) =>
  new DynamicTool({
    name, description, inputSchema: z.object(shape),
    handler: async (given) => {
      const answer = await fetch(`${stub}/tools/${name}`, {
        method: 'POST', body: JSON.stringify(given),
        headers: { 'content-type': 'application/json', 'x-timeout-ms': '400' },
      });
      if (!answer.ok) throw new Error(`${name}: HTTP ${answer.status}`);
      return new JSONToolOutput(await answer.json());
    },
  });

const agent = new ToolCallingAgent({
  llm: new OpenAIChatModel(model, {}, { apiKey: 'stub', baseURL: `${stub}/v1` }),
  memory: new UnconstrainedMemory(),
  tools: [
    tool('search_flights', 'Find flights.', { origin: z.string(), destination: z.string(), day: z.string() }),
    tool('get_weather', 'Forecast the weather.', { city: z.string(), day: z.string() }),
    tool('convert_currency', 'Convert money.', { amount: z.number(), source: z.string(), target: z.string() }),
  ],
});
await agent.run({ prompt: question });
await new Promise((done) => setTimeout(done, 300)); // spans are made after the run, all at once
await provider.forceFlush();
const body = JsonTraceSerializer.serializeRequest(exporter.getFinishedSpans());
await fetch(traces, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
