// testcontainers.mjs: tests as they are written with testcontainers for node, on the engine of DOCKER_HOST; it has the image busybox:latest.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(process.cwd() + '/');
const { GenericContainer, Network, Wait, getContainerRuntimeClient } = require('testcontainers');
const image = 'busybox:latest';

const tests = {
  async portsAndLogs() {
    const container = await new GenericContainer(image).withCommand(['sh', '-c', 'mkdir /w; echo served > /w/index.html; httpd -p 8080 -h /w; echo ready; exec sleep 600'])
      .withExposedPorts(8080).withWaitStrategy(Wait.forLogMessage('ready')).start();
    const answer = await fetch(`http://${container.getHost()}:${container.getMappedPort(8080)}/`);
    assert.equal(await answer.text(), 'served\n');
    await container.stop();
  },
  async waitForPort() {
    const container = await new GenericContainer(image).withCommand(['sh', '-c', 'sleep 0.5; mkdir /w; exec httpd -f -p 8080 -h /w']).withExposedPorts(8080)
      .withWaitStrategy(Wait.forListeningPorts()).start();
    assert.ok(container.getMappedPort(8080) > 0);
    await container.stop();
  },
  async health() {
    const container = await new GenericContainer(image).withCommand(['sleep', '600'])
      .withHealthCheck({ test: ['CMD-SHELL', 'true'], interval: 500, timeout: 1000, retries: 3, startPeriod: 0 }).withWaitStrategy(Wait.forHealthCheck()).start();
    await container.stop();
  },
  async execAndFiles() {
    const container = await new GenericContainer(image).withCommand(['sleep', '600']).withEnvironment({ A: 'b' }).withLabels({ x: 'y' })
      .withCopyContentToContainer([{ content: 'copied', target: '/tmp/c' }]).withTmpFs({ '/t': 'size=1m' }).start();
    const { output, exitCode } = await container.exec(['sh', '-c', 'cat /tmp/c; echo $A']);
    assert.equal(exitCode, 0);
    assert.equal(output, 'copiedb\n');
    const archive = await container.copyArchiveFromContainer('/tmp/c');
    let size = 0;
    for await (const part of archive) size += part.length;
    assert.ok(size >= 512);
    await container.restart();
    assert.equal((await container.exec(['true'])).exitCode, 0);
    await container.stop();
  },
  async networkAliases() {
    const network = await new Network().start();
    const one = await new GenericContainer(image).withCommand(['sleep', '600']).withNetwork(network).withNetworkAliases('one').start();
    const two = await new GenericContainer(image).withCommand(['sleep', '600']).withNetwork(network).start();
    assert.equal((await two.exec(['ping', '-c', '1', '-W', '2', 'one'])).exitCode, 0);
    assert.ok(one.getIpAddress(network.getName()));
    await two.stop();
    await one.stop();
    await network.stop();
  },
  async build() {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-clients-'));
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${image}\nARG X\nRUN echo built $X > /b\nCMD ["sleep", "600"]\n`);
    const built = await GenericContainer.fromDockerfile(folder).withBuildArgs({ X: '1' }).build();
    const container = await built.start();
    assert.equal((await container.exec(['cat', '/b'])).output, 'built 1\n');
    await container.stop();
  },
  async reuse() {
    const make = () => new GenericContainer(image).withCommand(['sleep', '600']).withReuse().start();
    const [one, two] = [await make(), await make()];
    assert.equal(one.getId(), two.getId());
    await one.stop({ remove: true });
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  if (process.argv[2] && !name.includes(process.argv[2])) continue;
  try {
    await test();
    console.log(`ok    testcontainers ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  testcontainers ${name}\n${error.stack}`);
  }
}
const client = await getContainerRuntimeClient();
for (const left of await client.container.dockerode?.listContainers?.({ all: true, filters: { label: ['org.testcontainers=true'] } }) ?? []) await client.container.dockerode.getContainer(left.Id).remove({ force: true });
process.exit(failed ? 1 : 0);
