const http = require('http');

const server = http.createServer((request, response) => {
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/plain');
  response.end('Hello World!\n');
});

server.listen(8080, '0.0.0.0', () => console.log('Server running at http://0.0.0.0:8080/'));
process.on('SIGTERM', () => process.exit(0));
