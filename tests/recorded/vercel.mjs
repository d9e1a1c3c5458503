// The trip assistant in the Vercel AI SDK. Told on the command line: the version, where the stub is, where spans go, the question.
import { trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { createOpenAI } from '@ai-sdk/openai';
import * as ai from 'ai';
import { z } from 'zod';

const { version, stub, traces, question, system, model, conversation } = JSON.parse(process.argv[2]);

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({
    'service.name': `trip-assistant-vercel-${version}`,
    'service.version': '1.0.0',
    'telemetry.sdk.language': 'nodejs',
  }),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
provider.register();
if (version >= 7) {
  const { OpenTelemetry } = await import('@ai-sdk/otel');
  ai.registerTelemetry(new OpenTelemetry());
}

const ask = (name) => async (given) => {
  const answer = await fetch(`${stub}/tools/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-timeout-ms': '400' },
    body: JSON.stringify(given),
  });
  if (!answer.ok) throw new Error(`${name}: HTTP ${answer.status}`);
  return await answer.json();
};

const tool = (name, description, shape) =>
  ai.tool({ description, [version < 5 ? 'parameters' : 'inputSchema']: z.object(shape), execute: ask(name) });

const tools = {
  search_flights: tool('search_flights', 'Find flights.', {
    origin: z.string(), destination: z.string(), day: z.string(), page: z.number().optional(),
  }),
  get_weather: tool('get_weather', 'Forecast the weather.', { city: z.string(), day: z.string() }),
  convert_currency: tool('convert_currency', 'Convert money.', {
    amount: z.number(), source: z.string(), target: z.string(),
  }),
};

const openai = createOpenAI({ baseURL: `${stub}/v1`, apiKey: 'stub' });
const telemetry = { isEnabled: true, functionId: 'trip_assistant', metadata: { sessionId: conversation, userId: 'traveller-1' } };
const limits = version < 5 ? { maxSteps: 10 } : { stopWhen: (ai.stepCountIs ?? ai.isStepCount)(10) };
const prompts = version < 7 ? { system } : { instructions: system };

await ai
  .generateText({
    model: openai.chat(model), prompt: question, tools, maxRetries: 0, ...prompts, ...limits,
    [version < 7 ? 'experimental_telemetry' : 'telemetry']: telemetry,
  })
  .catch((error) => console.error(String(error)));

await provider.forceFlush();
const body = JsonTraceSerializer.serializeRequest(exporter.getFinishedSpans());
await fetch(traces, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
